package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BackingReference;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.driver.Mapping;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.tck.crash.PowerCuts;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.RecordingNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Another backing file in the header, and images that let go of all they hold. */
class BackingChangeTest {
  private static final long MIB = 1 << 20;
  private static final long SEED = Long.getLong("platter.seed", 4711L);

  @ParameterizedTest
  @CsvSource({
    "a.raw, other.qcow2, 65536, 1.1",
    "a.raw, other.qcow2, 65536, 0.10",
    "a.raw, other.qcow2, 4096, 1.1",
    "a.raw, other.qcow2, 512, 1.1",
    "a-name-that-is-long.raw, b, 65536, 1.1",
    "'', other.qcow2, 65536, 1.1",
    "a.raw, '', 65536, 1.1",
  })
  void powerCutLeavesTheOldBackingFileOrTheNewOne(
      String before, String after, int clusterBytes, String compat) throws Exception {
    MemoryNode node = image(before, "cluster_size=" + clusterBytes, "compat=" + compat);
    Optional<BackingReference> next = reference(after, "qcow2");
    RecordingNode recorded = new RecordingNode(node.copy());
    try (Qcow2Format format = Images.open(recorded)) {
      format.setBacking(next);
      assertThat(format.backing()).isEqualTo(next);
    }
    PowerCuts.forEach(
        node,
        recorded.changes(),
        SEED,
        cut -> {
          try (Qcow2Format format = Images.open(cut.image())) {
            assertThat(format.backing())
                .as("seed %d, %s", SEED, cut.description())
                .isIn(reference(before, "raw"), next);
            assertThat(new DriverGuest(format).read(0, 1000)).containsOnly(7);
          }
        });
  }

  @Test
  void extensionsAreKeptInQemusOrder() throws Exception {
    MemoryNode node = NewImages.create(MIB);
    Qcow2Header before = HeaderCodec.decode("image", new ImageFile(node.reopen()));
    HeaderExtension unknown =
        new HeaderExtension.Unknown(0x12345678, ByteBuffer.wrap(new byte[] {1, 2, 3}));
    HeaderRewrite.write(
        "image",
        new ImageFile(node.reopen()),
        before.withExtensions(List.of(unknown, before.extensions().getFirst())));

    try (Qcow2Format format = Images.open(node)) {
      format.setBacking(reference("base.raw", "raw"));
    }

    Qcow2Header after = HeaderCodec.decode("image", new ImageFile(node.reopen()));
    assertThat(after.extensions())
        .containsExactly(
            new HeaderExtension.BackingFormat("raw"), before.extensions().getFirst(), unknown);
  }

  @Test
  void nameThatDoesNotFitChangesNothing() throws Exception {
    MemoryNode node = image("a.raw", "cluster_size=512");
    try (Qcow2Format format = Images.open(node)) {
      assertThatThrownBy(() -> format.setBacking(reference("x".repeat(500), "raw")))
          .isInstanceOfSatisfying(
              BlockIoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC));
      assertThatThrownBy(() -> format.setBacking(reference("x".repeat(1024), "raw")))
          .isInstanceOf(BlockIoException.class);
      assertThat(format.backing()).isEqualTo(reference("a.raw", "raw"));
      new DriverGuest(format).fill(4096, 4096, 8);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cluster_size=4096", "lazy_refcounts=on", "compat=0.10"})
  void emptyImageHoldsNothingAndIsSmall(String option) throws Exception {
    MemoryNode node = image("a.raw", option);
    try (Qcow2Format format = Images.open(node)) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(0, (int) MIB, 1);
      guest.fill(3 * MIB, 300_000, 2);

      format.empty();

      assertThat(format.map(0, 4 * MIB)).isInstanceOf(Mapping.Backing.class);
      assertThat(node.size()).isLessThan(600_000);
      guest.fill(2 * MIB, 5000, 3);
      assertThat(guest.read(2 * MIB, 5000)).containsOnly(3);
    }
    CheckReport report = Qcow2Checker.check("image", node.reopen(), Repair.NONE, finding -> {});
    assertThat(report.clean()).isTrue();
  }

  @Test
  void powerCutWhileItIsEmptiedLeavesWhatItHeldOrNothing() throws Exception {
    MemoryNode node = image("a.raw", "cluster_size=512");
    try (Qcow2Format format = Images.open(node)) {
      new DriverGuest(format).fill(0, 40_000, 7);
    }
    RecordingNode recorded = new RecordingNode(node.copy());
    try (Qcow2Format format = Images.open(recorded)) {
      format.empty();
    }
    long states =
        PowerCuts.forEach(
            node,
            recorded.changes(),
            SEED,
            cut -> {
              CheckReport report =
                  Qcow2Checker.check("image", cut.image().reopen(), Repair.NONE, finding -> {});
              assertThat(report.corruptions() + report.checkErrors())
                  .as("seed %d, %s", SEED, cut.description())
                  .isZero();
              try (Qcow2Format format = Images.open(cut.image())) {
                for (long at = 0; at < 40_000; at += 512) {
                  if (!(format.map(at, 512) instanceof Mapping.Backing)) {
                    assertThat(new DriverGuest(format).read(at, 64)).containsOnly(7);
                  }
                }
              }
            });
    assertThat(states).isGreaterThan(20);
  }

  private static MemoryNode image(String backing, String... options) throws IOException {
    MemoryNode node =
        backing.isEmpty()
            ? NewImages.create(4 * MIB, options)
            : NewImages.createOver(backing, 4 * MIB, options);
    try (Qcow2Format format = Images.open(node)) {
      new DriverGuest(format).fill(0, 1000, 7);
    }
    return node;
  }

  private static Optional<BackingReference> reference(String name, String format) {
    return name.isEmpty()
        ? Optional.empty()
        : Optional.of(new BackingReference(name, Optional.of(format)));
  }
}
