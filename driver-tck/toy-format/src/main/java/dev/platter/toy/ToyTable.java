package dev.platter.toy;

import dev.platter.api.BlockNode;
import dev.platter.api.error.CorruptImageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * The table of an open image: for each cluster of the virtual disk the cluster of the file that
 * holds it, {@link #ABSENT}, or {@link #ZERO}. All of it is in memory.
 *
 * <p>Threads: readers take no lock. Changes and {@link #cut} exclude each other by the table's
 * monitor, under which no I/O happens.
 */
final class ToyTable {
  /** The layer below answers. */
  static final int ABSENT = 0;

  /** The cluster reads as zeros. */
  static final int ZERO = -1;

  private static final int SECTOR_BYTES = 512;
  private static final int SECTOR_ENTRY_COUNT = SECTOR_BYTES / Integer.BYTES;

  /** Copies of changed sectors of the table, by index, to be written. */
  record Cut(Map<Integer, ByteBuffer> sectors) {
    void write(BlockNode file) throws IOException {
      for (Map.Entry<Integer, ByteBuffer> sector : sectors.entrySet()) {
        long offset = ToyHeader.HEADER_BYTES + (long) sector.getKey() * SECTOR_BYTES;
        file.write(offset, sector.getValue());
      }
    }
  }

  private final AtomicIntegerArray entries;
  private final BitSet dirtySectors = new BitSet();

  private ToyTable(AtomicIntegerArray entries) {
    this.entries = entries;
  }

  /** Reads the table. What the entries say is checked by {@link ToyClusters}. */
  static ToyTable read(BlockNode file, ToyHeader header) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(header.entryCount() * Integer.BYTES);
    file.read(ToyHeader.HEADER_BYTES, bytes);
    AtomicIntegerArray entries = new AtomicIntegerArray(header.entryCount());
    for (int i = 0; i < entries.length(); i++) {
      entries.setPlain(i, bytes.getInt(i * Integer.BYTES));
    }
    return new ToyTable(entries);
  }

  int entryCount() {
    return entries.length();
  }

  int entry(int index) {
    return entries.get(index);
  }

  /** Whether an entry names a cluster of the file. */
  static boolean isCluster(int entry) {
    return entry != ABSENT && entry != ZERO;
  }

  /** Replaces an entry and returns the old one. */
  synchronized int replace(int index, int entry) {
    dirtySectors.set(index / SECTOR_ENTRY_COUNT);
    return entries.getAndSet(index, entry);
  }

  /** Takes copies of the sectors changed since the last cut. */
  synchronized Cut cut() {
    Map<Integer, ByteBuffer> sectors = new TreeMap<>();
    dirtySectors.stream().forEach(sector -> sectors.put(sector, encode(sector)));
    dirtySectors.clear();
    return new Cut(sectors);
  }

  private ByteBuffer encode(int sector) {
    int from = sector * SECTOR_ENTRY_COUNT;
    int to = Math.min(entries.length(), from + SECTOR_ENTRY_COUNT);
    ByteBuffer bytes = ByteBuffer.allocate((to - from) * Integer.BYTES);
    for (int index = from; index < to; index++) {
      bytes.putInt(entries.get(index));
    }
    return bytes.flip();
  }

  /** The refusal of an entry. */
  static CorruptImageException corrupt(String image, int index, String what) {
    return new CorruptImageException(image, "table entry %d %s".formatted(index, what));
  }
}
