package dev.platter.tck.format;

import static org.assertj.core.api.Assertions.fail;

import dev.platter.api.BlockNode;
import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Map;

/**
 * What each sector may hold after requests of which some have failed. A sector is one value
 * repeated; values are from 0 to 63.
 *
 * <p>{@code now} is what a read may see. {@code kept} is what may be found after reopening if the
 * last changes were not flushed: what was there at the last flush, and everything written since.
 * The same holds for the size.
 */
final class SectorModel {
  private static final int SECTOR_BYTES = FormatFixture.SECTOR_BYTES;
  private static final int VALUE_COUNT = 64;
  private static final long ZERO = 1;

  /** Values as the bits of a word, by sector: as many sectors as the disk ever had. */
  private long[] now;

  private long[] kept;
  private int[] sizeNow;
  private int[] sizeKept;

  /** What sectors held when they were cut off. */
  private long[] cutOff;

  /** What the layer below holds, by sector: what may show where this one lets go. */
  private long[] below = {};

  private final KeptDisks snapshots;

  /** Sectors of zeros, all of them flushed. */
  SectorModel(int sectorCount) {
    now = new long[sectorCount];
    Arrays.fill(now, ZERO);
    kept = now.clone();
    cutOff = new long[sectorCount];
    sizeNow = new int[] {sectorCount};
    sizeKept = sizeNow;
    snapshots = new KeptDisks();
  }

  /** A disk that holds these bytes, each sector all of one value. */
  static SectorModel holding(byte[] bytes) {
    SectorModel model = new SectorModel(bytes.length / SECTOR_BYTES);
    for (int i = 0; i < model.now.length; i++) {
      model.now[i] = bit(bytes[i * SECTOR_BYTES]);
    }
    model.flushed();
    return model;
  }

  private SectorModel(SectorModel other) {
    now = other.now.clone();
    kept = other.kept.clone();
    cutOff = other.cutOff.clone();
    sizeNow = other.sizeNow;
    sizeKept = other.sizeKept;
    below = other.below;
    snapshots = other.snapshots.copy();
  }

  SectorModel copy() {
    return new SectorModel(this);
  }

  /** The disk now lies on another, or, given itself, has got an overlay. */
  void laidOver(SectorModel other) {
    below = other.now.clone();
  }

  /** The disk shows what the one below holds, as a new overlay does. */
  void showsBelow() {
    System.arraycopy(below, 0, now, 0, Math.min(below.length, now.length));
    flushed();
  }

  /** The size, if it is certain; else the last that was asked for. */
  int sectorCount() {
    return sizeNow[sizeNow.length - 1];
  }

  /** A step was taken; {@code done} unless power was cut before its end. */
  void took(CrashStep step, boolean done) {
    switch (step) {
      case CrashStep.Write(int sectorIndex, int count, int value) ->
          changed(sectorIndex, count, (byte) value, done);
      case CrashStep.WriteCompressed(int sectorIndex, int count, int value) ->
          changed(sectorIndex, count, (byte) value, done);
      case CrashStep.Zero(int sectorIndex, int count, ZeroMode _) ->
          changed(sectorIndex, count, (byte) 0, done);
      case CrashStep.Discard(int sectorIndex, int count) -> discarded(sectorIndex, count);
      case CrashStep.Flush(), CrashStep.Commit() -> flushedIf(done);
      case CrashStep.Resize(int sectorCount, Preallocation _) -> resized(sectorCount, done);
      case CrashStep.Snapshot() -> {
        if (done) {
          laidOver(this);
        }
      }
      case CrashStep.CreateInternal(String name) -> {
        snapshots.created(name, now, sizeNow, done);
        flushedIf(done);
      }
      case CrashStep.ApplyInternal(String name) -> applied(snapshots.find(name), done);
      case CrashStep.DeleteInternal(String name) -> {
        snapshots.deleted(name, done);
        flushedIf(done);
      }
    }
  }

  private void flushedIf(boolean done) {
    if (done) {
      flushed();
    }
  }

  /** Sectors were changed to a value; {@code done} unless the request failed half-way, perhaps. */
  void changed(int sectorIndex, int count, byte value, boolean done) {
    for (int i = sectorIndex; i < sectorIndex + count; i++) {
      now[i] = (done ? 0 : now[i]) | bit(value);
      kept[i] |= bit(value);
    }
  }

  /** Sectors were discarded, or that failed: each holds what it held, or zeros. */
  void discarded(int sectorIndex, int count) {
    changed(sectorIndex, count, (byte) 0, false);
  }

  /**
   * The size was changed; {@code done} unless that failed half-way, perhaps.
   *
   * <p>Until it is done, what is being cut off may show what lies below; what growth uncovers reads
   * as zeros, unless it is not certain where the disk ended before.
   */
  void resized(int sectorCount, boolean done) {
    int old = sectorCount();
    extendTo(sectorCount);
    for (int i = sectorCount; i < old; i++) {
      cutOff[i] |= now[i];
      now[i] = done ? ZERO : now[i] | ZERO | below(i);
      kept[i] |= ZERO | below(i);
    }
    for (int i = old; i < sectorCount; i++) {
      boolean fresh = sizeNow.length == 1;
      now[i] = fresh ? ZERO : now[i] | ZERO | below(i) | cutOff[i];
      kept[i] = fresh && done ? ZERO : kept[i] | now[i];
    }
    sizeNow = done ? new int[] {sectorCount} : with(sizeNow, sectorCount);
    sizeKept = with(sizeKept, sectorCount);
  }

  private void extendTo(int sectorCount) {
    if (sectorCount > now.length) {
      now = extended(now, sectorCount);
      kept = extended(kept, sectorCount);
      cutOff = extended(cutOff, sectorCount);
    }
  }

  /** The disk went back to a snapshot; {@code done} unless that failed half-way, perhaps. */
  private void applied(KeptDisks.Kept snapshot, boolean done) {
    extendTo(snapshot.values().length);
    long[] then = extended(snapshot.values(), now.length);
    for (int i = 0; i < now.length; i++) {
      cutOff[i] |= now[i];
      now[i] = done ? then[i] : now[i] | then[i];
      kept[i] |= then[i];
    }
    for (int size : snapshot.sizes()) {
      sizeNow = with(sizeNow, size);
      sizeKept = with(sizeKept, size);
    }
    if (done) {
      sizeNow = snapshot.sizes();
      flushed();
    }
  }

  private long below(int sectorIndex) {
    return sectorIndex < below.length ? below[sectorIndex] : 0;
  }

  /** A flush succeeded. */
  void flushed() {
    kept = now.clone();
    sizeKept = sizeNow;
  }

  /** Fails unless every sector is whole and holds a value that a read may see. */
  void assertNow(BlockNode node) throws IOException {
    assertAllowed(read(node), now, sizeNow);
  }

  /** Fails unless every sector is whole and holds a value that may be found after reopening. */
  void assertKept(BlockNode node) throws IOException {
    assertKept(read(node));
  }

  /** {@link #assertKept(BlockNode)} for all bytes of a disk. */
  void assertKept(byte[] found) {
    assertAllowed(found, kept, sizeKept);
  }

  /** Whether the image has no snapshots, nor may have any. */
  boolean hasNoSnapshots() {
    return snapshots.none();
  }

  /** Fails unless these may be the snapshots in the image, and hold what they may hold. */
  void assertSnapshots(Map<String, byte[]> found) {
    snapshots.assertFound(found);
  }

  /** A number that models share which allow the same after a power cut, and others hardly ever. */
  long fingerprint() {
    long hash = Arrays.hashCode(sizeKept) + snapshots.fingerprint();
    for (long values : kept) {
      hash = (hash + values) * 0x9e3779b97f4a7c15L;
      hash ^= hash >>> 29;
    }
    return hash;
  }

  /** All bytes of a disk. */
  static byte[] read(BlockNode node) throws IOException {
    byte[] found = new byte[Math.toIntExact(node.size())];
    node.read(0, found);
    return found;
  }

  /** Fails unless a disk of one of these sizes has in each sector one of the values there. */
  static void assertAllowed(byte[] found, long[] allowed, int[] sizes) {
    int sectorCount = found.length / SECTOR_BYTES;
    if (Arrays.stream(sizes).noneMatch(size -> size == sectorCount)) {
      fail("the disk has %d sectors; it may have one of %s", sectorCount, Arrays.toString(sizes));
    }
    MemorySegment bytes = MemorySegment.ofArray(found);
    for (int i = 0; i < sectorCount; i++) {
      byte value = found[i * SECTOR_BYTES];
      if (value < 0 || value >= VALUE_COUNT || (allowed[i] & bit(value)) == 0) {
        fail("sector %d reads %d; it may hold one of %s", i, value, values(allowed[i]));
      }
      requireWhole(bytes, i, value);
    }
  }

  private static void requireWhole(MemorySegment bytes, int sectorIndex, byte value) {
    long pattern = value * 0x0101010101010101L;
    long start = (long) sectorIndex * SECTOR_BYTES;
    for (long at = start; at < start + SECTOR_BYTES; at += Long.BYTES) {
      if (bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, at) != pattern) {
        fail("sector %d is torn at 0x%x; %d before", sectorIndex, at, value);
      }
    }
  }

  private static long bit(byte value) {
    if (value < 0 || value >= VALUE_COUNT) {
      throw new IllegalArgumentException("value " + value);
    }
    return 1L << value;
  }

  private static String values(long bits) {
    StringBuilder text = new StringBuilder("[");
    for (int value = 0; value < VALUE_COUNT; value++) {
      if ((bits >>> value & 1) != 0) {
        text.append(text.length() > 1 ? ", " : "").append(value);
      }
    }
    return text.append(']').toString();
  }

  private static long[] extended(long[] sectors, int count) {
    long[] longer = Arrays.copyOf(sectors, count);
    Arrays.fill(longer, sectors.length, count, ZERO);
    return longer;
  }

  private static int[] with(int[] sizes, int size) {
    int[] more = Arrays.copyOf(sizes, sizes.length + 1);
    more[sizes.length] = size;
    return more;
  }
}
