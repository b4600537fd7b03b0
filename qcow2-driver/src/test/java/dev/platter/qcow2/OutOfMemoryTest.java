package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.driver.ForwardingNode;
import dev.platter.api.driver.ReadFence;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.UnfinishedFlushException;
import dev.platter.tck.fake.HookedNode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A flush that runs out of memory loses nothing: the next one writes it, or says that it cannot.
 */
class OutOfMemoryTest {
  private static final int CLUSTER = 1024;
  private static final int DISK = 512 * CLUSTER;

  private MemoryNode image;

  @BeforeEach
  void create() throws IOException {
    image = NewImages.create(DISK, "cluster_size=1k", "refcount_bits=64");
    try (Qcow2Format format = Images.open(image)) {
      new DriverGuest(format).fill(0, 3 * CLUSTER, 1);
    }
    image = image.reopen();
  }

  @ParameterizedTest
  @ValueSource(strings = {"off", "on"})
  void whileAGenerationIsCut(String lazy) throws IOException {
    FailingFence fence = new FailingFence();
    try (Qcow2Format format =
        Images.open(TestOpening.of(image).withReadFence(fence), "lazy-refcounts=" + lazy)) {
      change(format);
      fence.fails = true;
      assertThatThrownBy(format::flush)
          .isInstanceOfSatisfying(
              UnfinishedFlushException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOMEM));
      fence.fails = false;
      assertHoldsChange(format);
      format.flush();
    }
    assertSound();
    Qemu.check(image);
  }

  @ParameterizedTest
  @ValueSource(strings = {"off", "on"})
  void beforeAnyOfItsWrites(String lazy) throws IOException {
    boolean failed = true;
    for (int nth = 1; failed; nth++) {
      create();
      HookedNode file = new HookedNode(image);
      try (Qcow2Format format = Images.open(TestOpening.of(file), "lazy-refcounts=" + lazy)) {
        change(format);
        failBeforeWrite(file, nth);
        failed = !flushes(format);
        file.beforeNextWrite(() -> {});
        assertHoldsChange(format);
        format.flush();
      }
      assertSound();
      assertThat(failed || nth > 4).as("writes of the flush: %d", nth - 1).isTrue();
    }
    Qemu.check(image);
  }

  /** The host may have said that data is lost, and nobody heard it. */
  @Test
  void duringABarrierItLeavesAnImageThatRefusesChanges() throws IOException {
    FailingBarrier file = new FailingBarrier(image);
    Qcow2Format format = Images.open(TestOpening.of(file));
    change(format);
    file.fails = true;
    assertThatThrownBy(format::flush).isInstanceOf(OutOfMemoryError.class);
    file.fails = false;
    assertThatThrownBy(format::flush)
        .isInstanceOf(BlockIoException.class)
        .isNotInstanceOf(UnfinishedFlushException.class)
        .hasMessageContaining("an earlier flush failed, and the image must be opened again");
    assertThatThrownBy(() -> format.allocate(300L * CLUSTER, CLUSTER))
        .hasMessageContaining("an earlier flush failed");
    assertThatThrownBy(format::close).hasMessageContaining("an earlier flush failed");
    format.close();
  }

  /**
   * New tables, new refcount blocks, entries that are replaced, and clusters that are let go of.
   */
  private static void change(Qcow2Format format) throws IOException {
    DriverGuest guest = new DriverGuest(format);
    guest.fill(2 * CLUSTER, 140 * CLUSTER, 2);
    guest.fill(500 * CLUSTER, CLUSTER, 3);
    guest.release(0, CLUSTER, ReleaseMode.DISCARD);
  }

  private static void assertHoldsChange(Qcow2Format format) throws IOException {
    DriverGuest guest = new DriverGuest(format);
    assertThat(guest.read(0, CLUSTER)).containsOnly(0);
    assertThat(guest.read(CLUSTER, CLUSTER)).containsOnly(1);
    assertThat(guest.read(2 * CLUSTER, 140 * CLUSTER)).containsOnly(2);
    assertThat(guest.read(500 * CLUSTER, CLUSTER)).containsOnly(3);
  }

  private void assertSound() throws IOException {
    assertThat(
            Qcow2Checker.check("image.qcow2", image.reopen(), Repair.NONE, finding -> {}).clean())
        .isTrue();
    try (Qcow2Format format = Images.open(image.reopen())) {
      assertHoldsChange(format);
    }
  }

  private static boolean flushes(Qcow2Format format) throws IOException {
    try {
      format.flush();
      return true;
    } catch (UnfinishedFlushException e) {
      assertThat(e).hasRootCauseInstanceOf(OutOfMemoryError.class);
      return false;
    }
  }

  private static void failBeforeWrite(HookedNode file, int nth) {
    file.beforeNextWrite(
        () -> {
          if (nth == 1) {
            throw new OutOfMemoryError("on purpose");
          }
          failBeforeWrite(file, nth - 1);
        });
  }

  /** What a cut asks last. */
  private static final class FailingFence implements ReadFence {
    private boolean fails;

    @Override
    public long ticket() {
      if (fails) {
        throw new OutOfMemoryError("on purpose");
      }
      return 0;
    }

    @Override
    public boolean passed(long ticket) {
      return true;
    }
  }

  private static final class FailingBarrier extends ForwardingNode {
    private boolean fails;

    FailingBarrier(BlockNode below) {
      super("image.qcow2", below);
    }

    @Override
    public void flush() throws IOException {
      if (fails) {
        throw new OutOfMemoryError("on purpose");
      }
      below().flush();
    }

    @Override
    public void close() throws IOException {
      below().close();
    }
  }
}
