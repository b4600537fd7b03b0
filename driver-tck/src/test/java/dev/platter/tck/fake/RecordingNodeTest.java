package dev.platter.tck.fake;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.IoVector;
import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class RecordingNodeTest {
  private final RecordingNode node = new RecordingNode(new MemoryNode("disk", 1 << 20));

  @Test
  void logReadsAsWhatHappened() throws IOException {
    node.write(0x200, new byte[] {1, 2, (byte) 0xff});
    node.flush();
    node.writeZeroes(0, 512, ZeroMode.MAY_UNMAP);
    node.discard(0x1000, 4096);
    node.read(0, new byte[16]);
    node.resize(0x2000, Preallocation.OFF);
    assertThat(node)
        .hasToString(
            """
            disk:
            write 0x200 +3 0102ff
            flush
            zero 0x0 +512 MAY_UNMAP
            discard 0x1000 +4096
            read 0x0 +16
            resize 0x2000\
            """);
    assertThat(node.changes()).hasSize(5);
    assertThat(node.count(Operation.Flush.class)).isEqualTo(1);
  }

  @Test
  void logKeepsItsOwnCopyOfWrittenBytes() throws IOException {
    byte[] bytes = {1};
    node.write(0, bytes);
    bytes[0] = 2;
    assertThat(node.log(Operation.Write.class).getFirst().bytes().get(JAVA_BYTE, 0))
        .isEqualTo((byte) 1);
  }

  @Test
  void vectoredWriteIsOneOperation() throws IOException {
    MemorySegment half = MemorySegment.ofArray(new byte[256]);
    node.write(0, IoVector.of(half, half));
    assertThat(node.log()).singleElement().hasToString("write 0x0 +512 0000000000000000..");
  }
}
