package dev.platter.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.BlockNode;
import dev.platter.api.ZeroMode;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What a node owes to many threads: every sector is a register, and no write is lost. */
public interface ConcurrencyContract extends NodeFixture {
  /** The unit within which a read sees one write or another and never a part of each. */
  int SECTOR_BYTES = 512;

  /**
   * Whether a read that overlaps a write of the same sector in time sees one or the other; where
   * not, it may see a part of each, and whole sectors are asked for when the writes are over.
   */
  default boolean readsOfWholeSectors() {
    return true;
  }

  @Test
  default void concurrentWritesToNeighbouringSectorsAreAllThere() throws Exception {
    needs(Capability.WRITE);
    int threadCount = 4;
    Medium medium = medium(diskBytes());
    DiskModel model = new DiskModel(diskBytes());
    try (BlockNode node = medium.open()) {
      Threads.run(
          threadCount,
          thread -> {
            for (int at = thread * SECTOR_BYTES;
                at + SECTOR_BYTES <= diskBytes();
                at += threadCount * SECTOR_BYTES) {
              node.write(at, sector(thread, at));
            }
          });
      for (int at = 0; at + SECTOR_BYTES <= diskBytes(); at += SECTOR_BYTES) {
        model.write(at, sector(at / SECTOR_BYTES % threadCount, at));
      }
      model.assertEquals(node);
    }
    try (BlockNode node = medium.open(true)) {
      model.assertEquals(node);
    }
    medium.check();
  }

  @Test
  default void concurrentUnalignedWritesLoseNoByte() throws Exception {
    needs(Capability.WRITE);
    int threadCount = 4;
    int pieceBytes = 333;
    int pieceCount = 300;
    Medium medium = medium(diskBytes());
    DiskModel model = new DiskModel(diskBytes());
    for (int piece = 0; piece < pieceCount; piece++) {
      model.write(piece * pieceBytes, filled(pieceBytes, piece));
    }
    try (BlockNode node = medium.open()) {
      Threads.run(
          threadCount,
          thread -> {
            for (int piece = thread; piece < pieceCount; piece += threadCount) {
              node.write((long) piece * pieceBytes, filled(pieceBytes, piece));
            }
          });
      model.assertEquals(node);
    }
    medium.check();
  }

  @Test
  default void readersSeeWholeSectorsWhileWritersOverlap() throws Exception {
    needs(Capability.WRITE);
    int rangeBytes = 64 * SECTOR_BYTES;
    Medium medium = medium(diskBytes());
    try (BlockNode node = medium.open()) {
      Threads.run(
          4,
          thread -> {
            SplittableRandom random = new SplittableRandom(thread);
            for (int round = 0; round < 150; round++) {
              int sectorCount = random.nextInt(1, 17);
              int length = sectorCount * SECTOR_BYTES;
              int at = SECTOR_BYTES * random.nextInt(64 - sectorCount + 1);
              switch (thread == 3 ? random.nextInt(4) : thread % 2) {
                case 0 -> node.write(at, filled(length, round));
                case 1 -> readBesideWrites(node, at, length);
                case 2 -> node.writeZeroes(at, length, ZeroMode.MAY_UNMAP);
                default -> node.flush();
              }
            }
          });
      assertWholeSectors(node, 0, rangeBytes);
    }
    try (BlockNode node = medium.open(true)) {
      assertWholeSectors(node, 0, rangeBytes);
    }
    medium.check();
  }

  private void readBesideWrites(BlockNode node, int at, int length) throws IOException {
    if (readsOfWholeSectors()) {
      assertWholeSectors(node, at, length);
    } else {
      node.read(at, new byte[length]);
    }
  }

  @Test
  default void completedWriteIsSeenByEveryLaterReadWhileOthersChangeItsNeighbours()
      throws Exception {
    needs(Capability.WRITE);
    Medium medium = medium(diskBytes());
    AtomicBoolean done = new AtomicBoolean();
    try (BlockNode node = medium.open()) {
      Threads.run(
          2,
          thread -> {
            if (thread == 0) {
              try {
                writeAndReadBack(node);
              } finally {
                done.set(true);
              }
            } else {
              disturb(node, done);
            }
          });
    }
    medium.check();
  }

  private static void writeAndReadBack(BlockNode node) throws IOException {
    SplittableRandom random = new SplittableRandom(12);
    for (int round = 0; round < 300; round++) {
      long at = 2L * SECTOR_BYTES * random.nextInt(400);
      byte[] written = filled(SECTOR_BYTES, round);
      node.write(at, written);
      byte[] found = new byte[SECTOR_BYTES];
      node.read(at, found);
      assertThat(found).as("sector at 0x%x in round %d", at, round).isEqualTo(written);
    }
  }

  private static void disturb(BlockNode node, AtomicBoolean done) throws IOException {
    SplittableRandom random = new SplittableRandom(13);
    while (!done.get()) {
      long at = SECTOR_BYTES * (1 + 2L * random.nextInt(400));
      switch (random.nextInt(8)) {
        case 0 -> node.flush();
        case 1 -> node.discard(at, SECTOR_BYTES);
        case 2 -> node.writeZeroes(at, SECTOR_BYTES, ZeroMode.MAY_UNMAP);
        default -> node.write(at, filled(SECTOR_BYTES, 99));
      }
    }
  }

  private static void assertWholeSectors(BlockNode node, int offset, int length)
      throws IOException {
    byte[] found = new byte[length];
    node.read(offset, found);
    for (int at = 0; at < length; at += SECTOR_BYTES) {
      byte[] sector = Arrays.copyOfRange(found, at, at + SECTOR_BYTES);
      assertThat(sector).as("sector at 0x%x", offset + at).containsOnly(sector[0]);
    }
  }

  private static byte[] sector(int thread, int offset) {
    return filled(SECTOR_BYTES, thread * 31 + offset / SECTOR_BYTES);
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) (value % 255 + 1));
    return bytes;
  }
}
