package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.Operation;
import dev.platter.tck.fake.RecordingNode;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class PendingWritesTest {
  private static final int SLICE_BYTES = 64 << 10;

  private final MemoryNode memory = new MemoryNode("image");
  private final RecordingNode log = new RecordingNode(memory);
  private final PendingWrites writes = new PendingWrites();

  @Test
  void whatIsAdjacentIsWrittenTogetherWhateverItIs() throws IOException {
    addSlices(4096, 2, 7);
    writes.add(new PendingWrite.Word(4088, 5));
    writes.add(new PendingWrite.Word(512, 6));
    assertThat(written()).containsExactly("512+8", "4088+131080");
    ImageFile file = new ImageFile(memory);
    assertThat(file.read(512, 8).getLong()).isEqualTo(6);
    assertThat(file.read(4088, 16).asLongBuffer().get(0)).isEqualTo(5);
    assertThat(file.read(4088, 16).asLongBuffer().get(1)).isEqualTo(L2Entry.normal(7 << 16));
  }

  @Test
  void noMoreIsTogetherThanTheBound() throws IOException {
    addSlices(0, 40, 1);
    assertThat(written()).containsExactly("0+1048576", "1048576+1048576", "2097152+524288");
  }

  @Test
  void aTableThatIsLargerGoesInPieces() throws IOException {
    long[] entries = new long[PendingWrites.MOST_JOINED_BYTES / Long.BYTES + 3];
    entries[entries.length - 1] = 9;
    writes.addTable(512, entries);
    assertThat(written()).containsExactly("512+1048576", "1049088+24");
    assertThat(new ImageFile(memory).read(1049088 + 16, 8).getLong()).isEqualTo(9);
  }

  private void addSlices(long offset, int count, int firstCluster) {
    for (int i = count - 1; i >= 0; i--) {
      long[] entries = new long[SLICE_BYTES / Long.BYTES];
      entries[0] = L2Entry.normal((long) (firstCluster + i) << 16);
      RawL2Slice slice = new RawL2Slice(entries, 16);
      writes.add(new PendingWrite.Slice(offset + (long) i * SLICE_BYTES, slice));
    }
  }

  private List<String> written() throws IOException {
    writes.writeTo(new ImageFile(log), _ -> "l2_update");
    return log.changes().stream()
        .map(Operation.Write.class::cast)
        .map(write -> write.offset() + "+" + write.bytes().byteSize())
        .toList();
  }
}
