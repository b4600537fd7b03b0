package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.error.OptionException;
import dev.platter.tck.crash.PowerCuts;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.RecordingNode;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** With {@code discard-no-unref=on} a guest range keeps its host clusters. */
class DiscardNoUnrefTest {
  private static final int CLUSTER = 65536;
  private static final int DISK_BYTES = 8 * CLUSTER;

  private MemoryNode node;

  @BeforeEach
  void create() throws IOException {
    node = NewImages.create(DISK_BYTES);
    try (Qcow2Format format = Images.open(node)) {
      new DriverGuest(format).fill(0, 4 * CLUSTER, 1);
    }
    node = node.reopen();
  }

  @AfterEach
  void checkImage() {
    Qemu.check(node);
  }

  @ParameterizedTest
  @EnumSource(names = {"DISCARD", "ZERO_UNMAP"})
  void theRangeReadsAsZerosAndKeepsItsPlace(ReleaseMode mode) throws IOException {
    try (Qcow2Format format = Images.open(node, "discard-no-unref=on")) {
      long before = hostOffset(format.map(CLUSTER, CLUSTER));
      DriverGuest guest = new DriverGuest(format);

      guest.release(CLUSTER, 2L * CLUSTER, mode);

      assertThat(node.discardedBytes()).isEqualTo(2 * CLUSTER);
      assertThat(format.map(CLUSTER, CLUSTER)).isEqualTo(new Mapping.Zero(CLUSTER, true, before));
      assertThat(guest.read(CLUSTER, 2 * CLUSTER)).containsOnly(0);
      long size = node.size();
      guest.fill(CLUSTER, CLUSTER, 2);
      assertThat(hostOffset(format.map(CLUSTER, CLUSTER))).isEqualTo(before);
      assertThat(node.size()).isEqualTo(size);
      assertThat(guest.read(CLUSTER, CLUSTER)).containsOnly(2);
    }
  }

  @Test
  void theHostKeepsTheContentsIfDiscardsArePassedOnToNobody() throws IOException {
    try (Qcow2Format format =
        Images.open(node, "discard-no-unref=on", "pass-discard-request=off")) {
      new DriverGuest(format).release(0, CLUSTER, ReleaseMode.DISCARD);
      assertThat(node.discardedBytes()).isZero();
    }
  }

  @Test
  void whatWasNeverAllocatedStaysSo() throws IOException {
    try (Qcow2Format format = Images.open(node, "discard-no-unref=on")) {
      new DriverGuest(format).release(5L * CLUSTER, CLUSTER, ReleaseMode.DISCARD);
      assertThat(format.map(5L * CLUSTER, CLUSTER)).isInstanceOf(Mapping.Backing.class);
    }
  }

  @Test
  void aPowerCutShowsTheOldContentsOrZeros() throws IOException {
    MemoryNode before = node.copy();
    RecordingNode log = new RecordingNode(node);
    try (Qcow2Format format = Images.open(log, "discard-no-unref=on")) {
      DriverGuest guest = new DriverGuest(format);
      guest.release(0, 2L * CLUSTER, ReleaseMode.DISCARD);
      guest.fill(0, CLUSTER, 3);
      format.flush();
      guest.fill(5L * CLUSTER, CLUSTER, 4);
    }
    PowerCuts.forEach(
        before,
        log.changes(),
        1,
        cut -> {
          try (Qcow2Format format = Images.open(cut.image().reopen())) {
            DriverGuest guest = new DriverGuest(format);
            byte[] found = guest.read(0, 4 * CLUSTER);
            for (int at = 0; at < 2 * CLUSTER; at += 512) {
              byte written = (byte) (at < CLUSTER ? 3 : 0);
              assertThat(found[at]).as(cut.description()).isIn((byte) 0, (byte) 1, written);
            }
            assertThat(Arrays.copyOfRange(found, 2 * CLUSTER, 4 * CLUSTER)).containsOnly(1);
          }
        });
  }

  @Test
  void versionTwoKnowsNoZeroClustersThatKeepTheirPlace() throws IOException {
    MemoryNode old = NewImages.create(DISK_BYTES, "compat=0.10");
    assertThatThrownBy(() -> Images.open(old, "discard-no-unref=on"))
        .isInstanceOf(OptionException.class)
        .hasMessageContaining("discard-no-unref is only supported since qcow2 version 3");
  }

  private static long hostOffset(Mapping mapping) {
    return ((Mapping.Data) mapping).hostOffset();
  }
}
