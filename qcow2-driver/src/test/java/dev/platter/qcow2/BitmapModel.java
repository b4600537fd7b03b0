package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.Preallocation;
import dev.platter.api.driver.BitmapFormat.BitmapInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** What bitmaps should say, as a bit for each sector of the disk; and random steps. */
final class BitmapModel {
  private static final int SECTOR_BYTES = 512;
  private static final int MOST_BITMAPS = 4;

  private final Random random;
  private final Map<String, Bitmap> bitmaps = new LinkedHashMap<>();
  private long diskBytes;
  private int namesGiven;

  private static final class Bitmap {
    private final int granularityBytes;
    private boolean enabled;
    private final BitSet sectors = new BitSet();

    Bitmap(int granularityBytes, boolean enabled) {
      this.granularityBytes = granularityBytes;
      this.enabled = enabled;
    }

    void mark(long offset, long length, long diskBytes) {
      long first = offset / granularityBytes * granularityBytes;
      long end = Math.ceilDiv(offset + length, granularityBytes) * granularityBytes;
      sectors.set((int) (first / SECTOR_BYTES), (int) (Math.min(end, diskBytes) / SECTOR_BYTES));
    }

    /** The last granule is dirty or not as a whole, however much of it the disk has. */
    void resize(long oldBytes, long newBytes) {
      long start = (Math.min(oldBytes, newBytes) - 1) / granularityBytes * granularityBytes;
      boolean last = sectors.get((int) (start / SECTOR_BYTES));
      sectors.clear((int) (start / SECTOR_BYTES), (int) (oldBytes / SECTOR_BYTES) + 1);
      if (last) {
        mark(start, 1, newBytes);
      }
    }
  }

  BitmapModel(long diskBytes, Random random) {
    this.diskBytes = diskBytes;
    this.random = random;
  }

  /** The sectors that each bitmap calls dirty. */
  Map<String, BitSet> bits() {
    Map<String, BitSet> bits = new LinkedHashMap<>();
    bitmaps.forEach((name, bitmap) -> bits.put(name, bitmap.sectors));
    return bits;
  }

  /** Does something to a format and to the model. */
  void step(Qcow2Format format) throws IOException {
    switch (random.nextInt(bitmaps.isEmpty() ? 1 : 10)) {
      case 0 -> add(format);
      case 1 -> {
        String name = any();
        bitmaps.remove(name);
        format.removeBitmap(name);
      }
      case 2 -> {
        String name = any();
        bitmaps.get(name).sectors.clear();
        format.clearBitmap(name);
      }
      case 3 -> {
        String name = any();
        bitmaps.get(name).enabled = random.nextBoolean();
        format.enableBitmap(name, bitmaps.get(name).enabled);
      }
      case 4 -> merge(format, any(), any());
      case 5 -> resize(format);
      default -> mark(format);
    }
  }

  private void add(Qcow2Format format) throws IOException {
    if (bitmaps.size() == MOST_BITMAPS) {
      mark(format);
      return;
    }
    String name = "bitmap-" + namesGiven++;
    Bitmap bitmap = new Bitmap(512 << random.nextInt(9), random.nextBoolean());
    bitmaps.put(name, bitmap);
    format.addBitmap(name, bitmap.granularityBytes, bitmap.enabled);
  }

  private void mark(Qcow2Format format) throws IOException {
    long offset = random.nextLong(diskBytes);
    long length = 1 + random.nextLong(Math.min(300_000, diskBytes - offset));
    new DriverGuest(format).fill(offset, (int) Math.min(length, 3000), random.nextInt());
    format.markDirty(offset, length);
    for (Bitmap bitmap : bitmaps.values()) {
      if (bitmap.enabled) {
        bitmap.mark(offset, length, diskBytes);
      }
    }
  }

  private void merge(Qcow2Format format, String into, String from) throws IOException {
    format.mergeBitmap(into, format, from);
    BitSet source = (BitSet) bitmaps.get(from).sectors.clone();
    source.stream()
        .forEach(
            sector ->
                bitmaps.get(into).mark((long) sector * SECTOR_BYTES, SECTOR_BYTES, diskBytes));
  }

  private void resize(Qcow2Format format) throws IOException {
    long newBytes = SECTOR_BYTES * (1 + random.nextLong(6000));
    format.resize(newBytes, Preallocation.OFF);
    bitmaps.values().forEach(bitmap -> bitmap.resize(diskBytes, newBytes));
    diskBytes = newBytes;
  }

  private String any() {
    List<String> names = new ArrayList<>(bitmaps.keySet());
    return names.get(random.nextInt(names.size()));
  }

  /** Expects an image to have these bitmaps, and these bits in them. */
  void assertHolds(Qcow2Format format, String context) throws IOException {
    List<BitmapInfo> expected = new ArrayList<>();
    bitmaps.forEach(
        (name, one) -> expected.add(new BitmapInfo(name, one.granularityBytes, one.enabled, true)));
    assertThat(format.bitmaps()).as(context).isEqualTo(expected);
    for (Map.Entry<String, Bitmap> bitmap : bitmaps.entrySet()) {
      assertThat(read(format, bitmap.getKey()))
          .as("%s, %s", context, bitmap.getKey())
          .isEqualTo(bitmap.getValue().sectors);
    }
  }

  /** The sectors that a bitmap of an image calls dirty. */
  static BitSet read(Qcow2Format format, String name) throws IOException {
    BitSet sectors = new BitSet();
    format.forEachDirty(
        name,
        (offset, length) ->
            sectors.set((int) (offset / SECTOR_BYTES), (int) ((offset + length) / SECTOR_BYTES)));
    return sectors;
  }
}
