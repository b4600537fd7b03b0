package dev.platter.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.platter.graph.CreateRequest;
import dev.platter.harness.guest.DriverOptions;
import dev.platter.harness.guest.Framing;
import dev.platter.harness.guest.MockBlkDriver;
import dev.platter.harness.guest.MockGuest;
import dev.platter.harness.junit.PlatterExtension;
import dev.platter.tck.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Chains that QEMU made as a guest sees them, and chains that a guest wrote as QEMU sees them. */
@ExtendWith(PlatterExtension.class)
class QemuChainTest {
  private static final int DISK_BYTES = 4 << 20;

  @TempDir private Path folder;
  private final byte[] model = new byte[DISK_BYTES];

  @BeforeEach
  void requireQemu() {
    assumeTrue(QemuImg.installed(), "qemu-img is not installed");
  }

  @Test
  void guestReadsAndWritesWhatQemuMade(BlockRuntime runtime) {
    Seeds.run(
        random -> {
          List<Path> chain = chainByQemu(random);
          for (Path image : chain) {
            writeByQemu(random, image, model);
          }
          Path top = chain.getLast();
          runGuest(random, runtime, top);
          assertQemuReadsTheModel(top);
          for (Path image : chain.subList(1, chain.size())) {
            QemuImg.check(image);
          }
        });
  }

  @Test
  void qemuReadsWhatGuestsWroteToAChainOfOurs(BlockRuntime runtime) {
    Seeds.run(
        random -> {
          List<Path> chain = new ArrayList<>();
          for (int i = 0; i < 4; i++) {
            Path image = folder.resolve("ours%d.qcow2".formatted(i));
            runtime.graph().create(layer(random, chain, image));
            chain.add(image);
            runGuest(random, runtime, image);
          }
          assertQemuReadsTheModel(chain.getLast());
          for (Path image : chain) {
            QemuImg.check(image);
          }
        });
  }

  private static CreateRequest layer(RandomGenerator random, List<Path> chain, Path image) {
    CreateRequest request =
        chain.isEmpty()
            ? CreateRequest.of("qcow2", image.toString(), DISK_BYTES)
            : CreateRequest.overlay(
                "qcow2", image.toString(), chain.getLast().getFileName().toString(), "qcow2");
    return request.with("cluster_size", Integer.toString(clusterBytes(random)));
  }

  private static int clusterBytes(RandomGenerator random) {
    return 512 << random.nextInt(9);
  }

  /** A raw base and two overlays, of both versions and of any cluster size. */
  private List<Path> chainByQemu(RandomGenerator random) throws Exception {
    Path base = folder.resolve("base.raw");
    QemuImg.run("create", "-q", "-f", "raw", base.toString(), Integer.toString(DISK_BYTES));
    List<Path> chain = new ArrayList<>(List.of(base));
    for (String compat : List.of("0.10", "1.1")) {
      Path overlay = folder.resolve("overlay-%s.qcow2".formatted(compat));
      QemuImg.run(
          "create",
          "-q",
          "-f",
          "qcow2",
          "-o",
          "compat=%s,cluster_size=%d".formatted(compat, clusterBytes(random)),
          "-F",
          chain.size() == 1 ? "raw" : "qcow2",
          "-b",
          chain.getLast().getFileName().toString(),
          overlay.toString());
      chain.add(overlay);
    }
    return chain;
  }

  private static void writeByQemu(RandomGenerator random, Path image, byte[] model)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("qemu-io", "-f"));
    command.add(image.toString().endsWith("raw") ? "raw" : "qcow2");
    for (int i = 0; i < 20; i++) {
      int length = 512 * (1 + random.nextInt(256));
      int offset = 512 * random.nextInt((DISK_BYTES - length) / 512);
      int pattern = random.nextInt(256);
      command.addAll(List.of("-c", "write -P %d %d %d".formatted(pattern, offset, length)));
      Arrays.fill(model, offset, offset + length, (byte) pattern);
    }
    command.add(image.toString());
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(process.waitFor()).as("%s", command).isZero();
  }

  private void runGuest(RandomGenerator random, BlockRuntime runtime, Path image)
      throws IOException {
    DriverOptions options = DriverOptions.DEFAULT.withFraming(Framing.random(random, 8));
    try (Drive drive = runtime.open("file=%s,discard=unmap".formatted(image));
        MockGuest guest = MockGuest.create()) {
      MockBlkDriver disk = guest.plug(drive.device(), options);
      assertThat(disk.read(0, DISK_BYTES)).isEqualTo(model);
      for (int i = 0; i < 60; i++) {
        step(random, disk);
      }
      assertThat(disk.read(0, DISK_BYTES)).isEqualTo(model);
      disk.flush();
    }
  }

  private void step(RandomGenerator random, MockBlkDriver disk) throws IOException {
    int length = 512 * (1 + random.nextInt(256));
    int offset = 512 * random.nextInt((DISK_BYTES - length) / 512);
    if (random.nextInt(3) == 0) {
      disk.writeZeroes(offset, length, random.nextBoolean());
      Arrays.fill(model, offset, offset + length, (byte) 0);
    } else {
      byte[] bytes = Seeds.bytes(random, length);
      disk.write(offset, bytes);
      System.arraycopy(bytes, 0, model, offset, length);
    }
  }

  private void assertQemuReadsTheModel(Path top) throws Exception {
    Path raw = folder.resolve("converted.raw");
    QemuImg.run("convert", "-O", "raw", "-f", "qcow2", top.toString(), raw.toString());
    assertThat(Files.readAllBytes(raw)).isEqualTo(model);
  }
}
