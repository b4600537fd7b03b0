package dev.platter.crypto;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Memory that a volume lies in, and what a power cut could have left of it at any time. */
final class MemoryVolume implements LuksStorage {
  private static final int SECTOR_BYTES = 512;
  private static final int MOST_WRITES = 3;

  @SuppressWarnings("ArrayRecordComponent") // never written
  private record Write(long offset, byte[] bytes) {}

  private final List<byte[]> crashStates = new ArrayList<>();
  private final List<Write> sinceFlush = new ArrayList<>();
  private final byte[] bytes;
  private byte[] durable;

  MemoryVolume(byte[] bytes) {
    this.bytes = bytes.clone();
    this.durable = bytes.clone();
  }

  byte[] bytes() {
    return bytes;
  }

  /** Every state kept so far; each write and each of its sectors may have arrived or not. */
  List<byte[]> crashStates() {
    return crashStates;
  }

  @Override
  public void read(long offset, byte[] dst) {
    System.arraycopy(bytes, Math.toIntExact(offset), dst, 0, dst.length);
  }

  @Override
  public void write(long offset, byte[] src) {
    System.arraycopy(src, 0, bytes, Math.toIntExact(offset), src.length);
    sinceFlush.add(new Write(offset, src.clone()));
    keep(new Random(crashStates.size()));
  }

  @Override
  public void flush() {
    durable = bytes.clone();
    sinceFlush.clear();
  }

  /**
   * Keeps what the last writes could leave: none or all of their sectors, every other one, and
   * mixtures. Nobody tells the later ones of many writes apart.
   */
  private void keep(Random random) {
    for (int kind = 0; kind < 6 && sinceFlush.size() <= MOST_WRITES; kind++) {
      byte[] state = durable.clone();
      for (Write write : sinceFlush) {
        long end = write.offset() + write.bytes().length;
        for (long sector = write.offset() / SECTOR_BYTES; sector * SECTOR_BYTES < end; sector++) {
          boolean arrives =
              switch (kind) {
                case 0 -> false;
                case 1 -> true;
                case 2 -> sector % 2 == 0;
                case 3 -> sector % 2 == 1;
                default -> random.nextBoolean();
              };
          if (arrives) {
            copySector(write, sector, state);
          }
        }
      }
      crashStates.add(state);
    }
  }

  private static void copySector(Write write, long sector, byte[] state) {
    long from = Math.max(sector * SECTOR_BYTES, write.offset());
    long to = Math.min((sector + 1) * SECTOR_BYTES, write.offset() + write.bytes().length);
    byte[] part =
        Arrays.copyOfRange(
            write.bytes(), (int) (from - write.offset()), (int) (to - write.offset()));
    System.arraycopy(part, 0, state, (int) from, part.length);
  }
}
