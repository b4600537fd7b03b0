package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.Preallocation;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.error.BlockException;
import dev.platter.api.error.Errno;
import dev.platter.tck.fake.FaultyNode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Growth that has to be zeroed, as where a longer backing file would show, while one call to the
 * file fails: the image has the old size or the new one, reads as before, and can be used.
 */
class ZeroedGrowthTest {
  private static final int CLUSTER = 512;
  private static final int OLD = 8 * CLUSTER;
  private static final int NEW = 200 * CLUSTER; // has more L2 tables

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void failureLeavesTheOldSizeOrTheNewOne(boolean lazy) throws IOException {
    MemoryNode before = image(lazy);
    for (FaultyNode.Kind kind : List.of(FaultyNode.Kind.WRITE, FaultyNode.Kind.FLUSH)) {
      long failures = 1;
      for (int nth = 1; failures > 0; nth++) {
        failures = growWithFailure(before.copy(), kind, nth);
      }
    }
  }

  @Test
  void imageThatCouldNotBeReadAgainIsOfNoUse() throws IOException {
    FaultyNode file = new FaultyNode(image(false));
    try (Qcow2Format format = Images.open(file)) {
      DriverGuest guest = new DriverGuest(format);
      assertThatThrownBy(
              () ->
                  format.resize(
                      NEW,
                      Preallocation.OFF,
                      () -> {
                        guest.release(OLD, NEW - OLD, ReleaseMode.ZERO_UNMAP);
                        file.failNth(FaultyNode.Kind.WRITE, 1, Errno.ENOSPC);
                        file.failFrom(FaultyNode.Kind.READ, 1, Errno.EIO);
                      }))
          .isInstanceOf(BlockException.class);
      file.heal();
      assertThatThrownBy(() -> guest.fill(CLUSTER, CLUSTER, 9))
          .isInstanceOf(BlockException.class)
          .hasMessageContaining("could not be read again");
    }
  }

  /** Another opening may have to take the growth back, and must find its refcounts. */
  @Test
  void growthHasNoLazyRefcounts() throws IOException {
    MemoryNode image = image(true);
    try (Qcow2Format format = Images.open(image)) {
      format.resize(
          NEW,
          Preallocation.OFF,
          () -> {
            new DriverGuest(format).release(OLD, NEW - OLD, ReleaseMode.ZERO_UNMAP);
            format.flush();
            Qcow2Header header = HeaderCodec.decode("image.qcow2", new ImageFile(image));
            assertThat(header.features().dirty()).isFalse();
            assertThat(header.diskBytes()).isEqualTo(OLD);
          });
      assertThat(format.size()).isEqualTo(NEW);
    }
    Qemu.check(image);
  }

  private static MemoryNode image(boolean lazy) throws IOException {
    MemoryNode image =
        NewImages.create(OLD, "cluster_size=" + CLUSTER, "lazy_refcounts=" + (lazy ? "on" : "off"));
    try (Qcow2Format format = Images.open(image.reopen())) {
      new DriverGuest(format).fill(0, 3 * CLUSTER, 7);
    }
    return image;
  }

  private static long growWithFailure(MemoryNode image, FaultyNode.Kind kind, int nth)
      throws IOException {
    String what = "%s %d fails".formatted(kind, nth);
    FaultyNode file = new FaultyNode(image);
    boolean grown = false;
    boolean written = false;
    try (Qcow2Format format = Images.open(file)) {
      file.failNth(kind, nth, Errno.ENOSPC);
      grown = grows(format);
      if (!grown) {
        assertThat(file.failures()).as(what).isPositive();
        new DriverGuest(format).fill(CLUSTER, CLUSTER, 9);
        written = true;
      }
    } catch (BlockException e) {
      assertThat(file.failures()).as(what).isPositive();
      written = false;
    }
    assertSound(image, what);
    try (Qcow2Format format = Images.open(TestOpening.of(image.reopen()))) {
      boolean uncertain = !grown && kind == FaultyNode.Kind.FLUSH; // the header may be written
      assertThat(format.size())
          .as(what)
          .isIn(grown || uncertain ? (long) NEW : OLD, grown ? (long) NEW : OLD);
      byte[] now = new DriverGuest(format).read(0, (int) format.size());
      assertThat(now[0]).as(what).isEqualTo((byte) 7);
      assertThat(!written || now[CLUSTER] == 9).as(what).isTrue();
    }
    return file.failures();
  }

  private static boolean grows(Qcow2Format format) throws IOException {
    try {
      format.resize(
          NEW,
          Preallocation.OFF,
          () -> new DriverGuest(format).release(OLD, NEW - OLD, ReleaseMode.ZERO_UNMAP));
      return true;
    } catch (BlockException e) {
      return false;
    }
  }

  private static void assertSound(MemoryNode image, String what) throws IOException {
    CheckReport report = RelayoutImage.check(image, true, what);
    Optional<MemoryNode> checked = Optional.of(image).filter(_ -> report.leaks() == 0);
    checked.ifPresent(Qemu::check);
  }
}
