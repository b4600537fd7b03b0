package dev.platter.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.error.NodeClosedException;
import dev.platter.conf.SiteDefaults;
import dev.platter.graph.CreateRequest;
import dev.platter.graph.DriverRegistry;
import dev.platter.graph.SystemClock;
import dev.platter.harness.blk.BlkFeatures;
import dev.platter.harness.blk.ErrorAction;
import dev.platter.harness.guest.MockBlkDriver;
import dev.platter.harness.guest.MockGuest;
import dev.platter.tck.Seeds;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlockRuntimeTest {
  @TempDir private Path folder;
  private final BlockRuntime runtime = BlockRuntime.create(RuntimeSettings.DEFAULT);
  private String image;

  @BeforeEach
  void createImage() throws Exception {
    image = folder.resolve("hd0.qcow2").toString();
    runtime.graph().create(CreateRequest.of("qcow2", image, 8 << 20));
  }

  @AfterEach
  void close() throws Exception {
    runtime.close();
    assertThat(runtime.graph().nodes()).isEmpty();
  }

  @Test
  void guestWritesWhatALaterGuestReads() throws Exception {
    byte[] bytes = Seeds.bytes(new SplittableRandom(1), 300 << 10);
    try (Drive drive = runtime.open("file=" + image + ",if=virtio");
        MockGuest guest = MockGuest.create()) {
      MockBlkDriver disk = guest.plug(drive.device());
      assertThat(disk.capacityBytes()).isEqualTo(8 << 20);
      disk.write(1 << 20, bytes);
      disk.flush();
    }
    try (Drive drive = runtime.open("file=" + image);
        MockGuest guest = MockGuest.create()) {
      assertThat(guest.plug(drive.device()).read(1 << 20, bytes.length)).isEqualTo(bytes);
    }
    assertThat(runtime.graph().nodes()).isEmpty();
  }

  @Test
  void snapshotDriveKeepsItsWritesToItself() throws Exception {
    byte[] before = Files.readAllBytes(Path.of(image));
    long folders = temporaryOverlays();
    try (Drive drive = runtime.open("file=" + image + ",snapshot=on");
        MockGuest guest = MockGuest.create()) {
      MockBlkDriver disk = guest.plug(drive.device());
      disk.write(0, Seeds.bytes(new SplittableRandom(1), 4096));
      assertThat(disk.read(0, 4096)).doesNotContain(0);
      assertThat(temporaryOverlays()).isEqualTo(deletesOpenFiles() ? folders : folders + 1);
      assertThat(drive.chain()).hasSize(2);
    }
    assertThat(Files.readAllBytes(Path.of(image))).isEqualTo(before);
    assertThat(temporaryOverlays()).isEqualTo(folders);
    assertThat(runtime.graph().nodes()).isEmpty();
  }

  private static boolean deletesOpenFiles() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
  }

  private static long temporaryOverlays() throws Exception {
    try (Stream<Path> paths = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return paths
          .filter(path -> path.getFileName().toString().startsWith("platter-overlay-"))
          .count();
    }
  }

  @Test
  void driveSaysHowItsDeviceTreatsErrorsAndWrites() throws Exception {
    try (Drive drive =
        runtime.open("file=" + image + ",rerror=stop,werror=ignore,cache=writethrough")) {
      assertThat(drive.device().options().errorPolicy().reads()).isEqualTo(ErrorAction.STOP);
      assertThat(drive.device().options().errorPolicy().writes()).isEqualTo(ErrorAction.IGNORE);
      assertThat(drive.device().options().writeCache()).isFalse();
    }
    try (Drive drive = runtime.open("file=" + image)) {
      assertThat(drive.device().options().errorPolicy().writes()).isEqualTo(ErrorAction.ENOSPC);
      assertThat(drive.device().options().writeCache()).isTrue();
    }
  }

  @Test
  void readOnlyDriveOffersAReadOnlyDisk() throws Exception {
    try (Drive drive = runtime.open("file=" + image + ",read-only=on")) {
      assertThat(drive.device().offeredFeatures() & BlkFeatures.RO).isNotZero();
    }
  }

  @Test
  void chainIsListedFromTheTopDown() throws Exception {
    String overlay = folder.resolve("hd1.qcow2").toString();
    runtime.graph().create(CreateRequest.overlay("qcow2", overlay, "hd0.qcow2", "qcow2"));
    try (Drive drive = runtime.open("file=" + overlay)) {
      assertThat(drive.chain()).hasSize(2);
      assertThat(drive.chain().getFirst()).isSameAs(drive.backend().root());
    }
  }

  @Test
  void closingTheRuntimeClosesItsDrives() throws Exception {
    Drive drive = runtime.open("file=" + image);
    MockGuest guest = MockGuest.create();
    guest.plug(drive.device());

    runtime.close();

    assertThatThrownBy(() -> drive.backend().read(0, new byte[512]))
        .isInstanceOf(NodeClosedException.class);
    assertThatThrownBy(() -> runtime.open("file=" + image)).isInstanceOf(NodeClosedException.class);
    drive.close();
    runtime.close();
    guest.close();
  }

  @Test
  void driveThatCannotBeOpenedLeavesNothingOpen() {
    assertThatThrownBy(() -> runtime.open("file=" + image + ",snapshot=on,rerror=enospc"))
        .hasMessageContaining("'enospc' invalid read error action");
    assertThatThrownBy(() -> runtime.open("file=" + image + ",if=ide"))
        .hasMessage("not supported yet: if=ide");
    assertThatThrownBy(() -> runtime.open("file=" + folder.resolve("none.qcow2")))
        .hasMessageContaining("No such file or directory");
    assertThat(runtime.graph().nodes()).map(BlockNode::name).isEmpty();
  }

  @Test
  void siteDecidesWhatADriveDoesNotSay() throws Exception {
    DriverRegistry drivers = DriverRegistry.discover();
    SiteDefaults site =
        SiteDefaults.load(
            drivers,
            Map.of(),
            Map.of(
                "platter.workers", "2",
                "platter.chain-depth", "3",
                "platter.gate", "strict",
                "platter.drive.system.file", image,
                "platter.drive.system.rerror", "stop"));
    RuntimeSettings settings = RuntimeSettings.of(site);

    assertThat(settings.workerCount()).isEqualTo(2);
    assertThat(settings.maxChainDepth()).isEqualTo(3);
    try (SystemClock clock = new SystemClock();
        BlockRuntime sited = BlockRuntime.create(drivers, site.parser(), clock, settings);
        Drive drive = sited.open("@system")) {
      assertThat(drive.device().options().errorPolicy().reads()).isEqualTo(ErrorAction.STOP);
    }
  }

  @Test
  void runtimeOfThisSiteOpensDrives() throws Exception {
    try (BlockRuntime sited = BlockRuntime.create();
        Drive drive = sited.open("file=" + image)) {
      assertThat(drive.backend().size()).isEqualTo(8 << 20);
    }
  }
}
