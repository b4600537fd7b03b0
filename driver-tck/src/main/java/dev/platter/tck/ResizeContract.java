package dev.platter.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.Preallocation;
import dev.platter.api.error.OutOfRangeException;
import java.io.IOException;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What a change of size owes: growth reads as zeros, and what was cut off never comes back. */
public interface ResizeContract extends NodeFixture {

  @Test
  default void growthReadsAsZerosAndCanBeWritten() throws IOException {
    needs(Capability.GROW);
    byte[] content = Seeds.bytes(new SplittableRandom(9), diskBytes());
    Medium medium = medium(content);
    DiskModel model = new DiskModel(content);
    try (BlockNode node = medium.open()) {
      int newSize = 3 * diskBytes();
      node.resize(newSize, Preallocation.OFF);
      model.resize(newSize);
      model.assertEquals(node);
      node.write(newSize - 2, new byte[] {1, 2});
      model.write(newSize - 2, new byte[] {1, 2});
    }
    try (BlockNode node = medium.open(true)) {
      model.assertEquals(node);
    }
    medium.check();
  }

  @Test
  default void whatWasCutOffDoesNotComeBack() throws IOException {
    needs(Capability.SHRINK);
    needs(Capability.GROW);
    byte[] content = Seeds.bytes(new SplittableRandom(10), diskBytes());
    Medium medium = medium(content);
    DiskModel model = new DiskModel(content);
    int small = 512 * 301;
    try (BlockNode node = medium.open()) {
      node.resize(small, Preallocation.OFF);
      assertThat(node.size()).isEqualTo(small);
      assertThatThrownBy(() -> node.read(small, new byte[1]))
          .isInstanceOf(OutOfRangeException.class);
      model.resize(small);
      model.assertEquals(node);
      node.resize(diskBytes(), Preallocation.OFF);
      model.resize(diskBytes());
      model.assertEquals(node);
    }
    try (BlockNode node = medium.open(true)) {
      model.assertEquals(node);
    }
    medium.check();
  }
}
