package dev.platter.tools;

import dev.platter.graph.CreateRequest;
import dev.platter.harness.BlockRuntime;
import dev.platter.harness.Drive;
import dev.platter.harness.guest.MockBlkDriver;
import dev.platter.harness.guest.MockGuest;
import java.io.IOException;

/** The example of the README, which {@link ReadmeTest} holds to be the same. */
final class EmbeddingExample {
  private EmbeddingExample() {}

  // README begins
  static byte[] firstSector(String base, String overlay) throws IOException {
    try (BlockRuntime runtime = BlockRuntime.create()) {
      runtime.graph().create(CreateRequest.of("qcow2", base, 20L << 30));
      runtime.graph().create(CreateRequest.overlay("qcow2", overlay, base, "qcow2"));

      String file = overlay.replace(",", ",,"); // a comma in a value is written twice
      try (Drive drive = runtime.open("file=" + file + ",if=virtio,l2-cache-size=1M");
          MockGuest guest = MockGuest.create()) {
        // Your machine maps drive.device() instead: config space, queues, notifications.
        MockBlkDriver disk = guest.plug(drive.device());
        byte[] sector = new byte[512];
        sector[0] = (byte) 0xEB;
        disk.write(0, sector);
        disk.flush();

        drive.backend().read(0, sector); // the disk without a device, byte by byte
        return sector;
      }
    }
  }

  // README ends
}
