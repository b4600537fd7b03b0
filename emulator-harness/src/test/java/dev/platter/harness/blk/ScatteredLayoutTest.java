package dev.platter.harness.blk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

import dev.platter.harness.RawRing;
import dev.platter.harness.memory.GuestMemory;
import dev.platter.harness.memory.GuestMemory.Region;
import dev.platter.harness.virtio.RingFeatures;
import dev.platter.tck.Seeds;
import dev.platter.tck.fake.MemoryNode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * Requests whose header, data and status are cut anywhere and lie all over guest memory, in no
 * order, across regions, in direct chains and in tables.
 */
class ScatteredLayoutTest {
  private static final int QUEUE_SIZE = 64;
  private static final int MAX_PIECES = 10;
  private static final long TABLE = 0x4000;
  private static final long FIRST_BUFFER = 0x8000;
  private static final int DISK_BYTES = 64 << 10;

  private record Piece(long address, int length, boolean writable) {}

  private final GuestMemory memory =
      GuestMemory.of(
          new Region(0, Arena.ofAuto().allocate(0x9000, 16)),
          new Region(0x9000, Arena.ofAuto().allocate(0x7010, 16)),
          new Region(0x10010, Arena.ofAuto().allocate(0x30000, 16)));
  private final MemoryNode node = new MemoryNode("disk", DISK_BYTES);
  private final byte[] model = new byte[DISK_BYTES];
  private final RawDevice raw =
      new RawDevice(
          new RawRing(memory, QUEUE_SIZE),
          node,
          BlkOptions.DEFAULT,
          RequestExecutor.inline(),
          mock(InterruptLine.class),
          AccessListener.NONE);
  private long nextAddress;

  @Test
  void everyLayoutMovesTheSameBytes() {
    raw.start(RingFeatures.INDIRECT_DESC);
    Seeds.run(
        random -> {
          for (int i = 0; i < 3_000; i++) {
            int sectorCount = random.nextInt(9);
            int sector = random.nextInt(DISK_BYTES / 512 - sectorCount);
            if (random.nextBoolean()) {
              write(random, sector, Seeds.bytes(random, sectorCount * 512));
            } else {
              read(random, sector, sectorCount * 512);
            }
          }
        });
  }

  private void write(RandomGenerator random, int sector, byte[] bytes) throws Exception {
    byte[] out =
        ByteBuffer.allocate(16 + bytes.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(VirtioBlkRequest.TYPE_OUT)
            .putInt(0)
            .putLong(sector)
            .put(bytes)
            .array();
    List<Piece> written = submit(random, out, 1);

    assertThat(gather(written)).containsExactly(0);
    System.arraycopy(bytes, 0, model, sector * 512, bytes.length);
    assertThat(node.bytes()).isEqualTo(model);
  }

  private void read(RandomGenerator random, int sector, int length) throws Exception {
    byte[] out =
        ByteBuffer.allocate(16)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(VirtioBlkRequest.TYPE_IN)
            .putInt(0)
            .putLong(sector)
            .array();
    byte[] in = gather(submit(random, out, length + 1));

    byte[] expected = new byte[length + 1];
    System.arraycopy(model, sector * 512, expected, 0, length);
    assertThat(in).isEqualTo(expected);
  }

  /** Sends a request and returns the pieces that the device writes. */
  private List<Piece> submit(RandomGenerator random, byte[] readable, int writableBytes)
      throws Exception {
    nextAddress = FIRST_BUFFER + random.nextInt(64);
    List<Piece> out = cut(random, readable.length, false);
    List<Piece> in = cut(random, writableBytes, true);
    int done = 0;
    for (Piece piece : out) {
      memory.write(piece.address(), MemorySegment.ofArray(readable).asSlice(done, piece.length()));
      done += piece.length();
    }
    for (Piece piece : in) {
      memory.write(piece.address(), MemorySegment.ofArray(new byte[piece.length()]).fill((byte) 9));
    }
    List<Piece> all = new ArrayList<>(out);
    all.addAll(in);
    int used = raw.ring.usedIndex();
    int head = describe(random, all);
    raw.ring.available(head);
    raw.kick();
    assertThat(raw.ring.usedIndex()).isEqualTo((used + 1) & 0xffff);
    assertThat(raw.ring.usedHead(used & (QUEUE_SIZE - 1))).isEqualTo(head);
    assertThat(raw.ring.usedBytes(used & (QUEUE_SIZE - 1))).isEqualTo(writableBytes);
    return in;
  }

  /** Pieces go to places that do not overlap, handed out upwards and then dealt in any order. */
  private List<Piece> cut(RandomGenerator random, int byteCount, boolean writable) {
    List<Integer> lengths = new ArrayList<>();
    int left = byteCount;
    while (left > 0) {
      int take = lengths.size() == MAX_PIECES - 1 ? left : 1 + random.nextInt(left);
      lengths.add(take);
      left -= take;
    }
    Piece[] pieces = new Piece[lengths.size()];
    for (int i : shuffled(random, lengths.size())) {
      pieces[i] = new Piece(nextAddress, lengths.get(i), writable);
      nextAddress += lengths.get(i) + random.nextInt(0x1000);
    }
    return List.of(pieces);
  }

  private int describe(RandomGenerator random, List<Piece> pieces) {
    int[] indexes = shuffled(random, QUEUE_SIZE);
    boolean table = random.nextBoolean();
    int direct = table ? random.nextInt(pieces.size()) : pieces.size();
    for (int i = 0; i < direct; i++) {
      boolean last = i == pieces.size() - 1;
      Piece piece = pieces.get(i);
      raw.ring.descriptor(
          indexes[i], piece.address(), piece.length(), flags(piece, last), indexes[i + 1]);
    }
    if (table) {
      int entryCount = pieces.size() - direct;
      raw.ring.descriptor(indexes[direct], TABLE, 16L * entryCount, RawRing.INDIRECT, 0);
      int[] entries = shuffledAfterFirst(random, entryCount);
      for (int i = 0; i < entryCount; i++) {
        boolean last = i == entryCount - 1;
        Piece piece = pieces.get(direct + i);
        int next = last ? 0 : entries[i + 1];
        raw.ring.entry(
            TABLE, entries[i], piece.address(), piece.length(), flags(piece, last), next);
      }
    }
    return indexes[0];
  }

  private static int flags(Piece piece, boolean last) {
    return (piece.writable() ? RawRing.WRITE : 0) | (last ? 0 : RawRing.NEXT);
  }

  private byte[] gather(List<Piece> pieces) throws Exception {
    byte[] bytes = new byte[pieces.stream().mapToInt(Piece::length).sum()];
    int done = 0;
    for (Piece piece : pieces) {
      memory.read(piece.address(), MemorySegment.ofArray(bytes).asSlice(done, piece.length()));
      done += piece.length();
    }
    return bytes;
  }

  private static int[] shuffled(RandomGenerator random, int count) {
    return shuffle(random, count, 0);
  }

  private static int[] shuffledAfterFirst(RandomGenerator random, int count) {
    return shuffle(random, count, 1);
  }

  private static int[] shuffle(RandomGenerator random, int count, int from) {
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      order[i] = i;
    }
    for (int i = count - 1; i > from; i--) {
      int j = from + random.nextInt(i - from + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }
}
