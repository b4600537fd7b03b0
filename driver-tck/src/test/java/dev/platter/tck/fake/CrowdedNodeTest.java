package dev.platter.tck.fake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class CrowdedNodeTest {
  private static final int SECTOR = 512;

  private final MemoryNode memory = new MemoryNode("memory", 4 * SECTOR);
  private final CrowdedNode node = new CrowdedNode(memory, 2 * SECTOR);

  @Test
  void whatHasAPlaceCanBeWrittenOver() throws IOException {
    node.write(0, new byte[4 * SECTOR]);
    assertThat(node.leftBytes()).isEqualTo(2 * SECTOR);
  }

  @Test
  void growthTakesSpaceUntilThereIsNone() throws IOException {
    node.write(4 * SECTOR, new byte[2 * SECTOR]);
    assertThat(node.leftBytes()).isZero();
    assertThatThrownBy(() -> node.writeZeroes(5 * SECTOR, 2 * SECTOR, ZeroMode.KEEP_ALLOCATED))
        .isInstanceOfSatisfying(
            BlockIoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC));
    assertThat(node.size()).isEqualTo(6 * SECTOR);
  }

  @Test
  void aHoleIsNoPlace() throws IOException {
    node.resize(8 * SECTOR, Preallocation.OFF);
    assertThat(node.extent(3 * SECTOR, 5 * SECTOR).length()).isEqualTo(SECTOR);
    assertThat(node.extent(4 * SECTOR, 4 * SECTOR).zero()).isTrue();
    assertThatThrownBy(() -> node.write(4 * SECTOR, new byte[3 * SECTOR]))
        .isInstanceOf(BlockIoException.class);
  }

  @Test
  void discardedSpaceCanBeTakenAgain() throws IOException {
    node.discard(0, 3 * SECTOR);
    assertThat(node.leftBytes()).isEqualTo(5 * SECTOR);
    node.write(4 * SECTOR, new byte[5 * SECTOR]);
    assertThat(node.leftBytes()).isZero();
  }
}
