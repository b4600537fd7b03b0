package dev.platter.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BlockLimitsTest {
  @Test
  void formatAddsItsClusterSize() {
    BlockLimits direct = new BlockLimits(512, 4096, 1, 1, 1, 1 << 20);
    assertThat(direct.withClusterSize(65536))
        .isEqualTo(new BlockLimits(512, 4096, 65536, 65536, 65536, 1 << 20));
  }

  @Test
  void alignmentIsAPowerOfTwo() {
    assertThatThrownBy(() -> new BlockLimits(0, 1, 1, 1, 1, 1))
        .hasMessage("requestAlignmentBytes is 0, not a power of two");
    assertThatThrownBy(() -> new BlockLimits(1, 3, 1, 1, 1, 1))
        .hasMessage("memoryAlignmentBytes is 3, not a power of two");
    assertThatThrownBy(() -> BlockLimits.NONE.withClusterSize(-512))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new BlockLimits(1, 1, 1, 1, 1, 0)).hasMessage("maxTransferBytes is 0");
    assertThatThrownBy(() -> new BlockLimits(1, 1, 1, 0, 1, 1))
        .hasMessage("zeroAlignmentBytes is 0");
  }
}
