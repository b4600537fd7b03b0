package dev.platter.tck.format;

import static org.assertj.core.api.Assertions.fail;

import dev.platter.api.BlockNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What each sector may hold after requests of which some have failed. A sector is one value
 * repeated.
 *
 * <p>{@code now} is what a read may see. {@code kept} is what may be found after reopening if the
 * last changes were not flushed: what was there at the last flush, and everything written since.
 */
final class SectorModel {
  private static final int SECTOR_BYTES = FormatFixture.SECTOR_BYTES;

  private final List<Set<Byte>> now = new ArrayList<>();
  private final List<Set<Byte>> kept = new ArrayList<>();

  /** Sectors of zeros, all of them flushed. */
  SectorModel(int sectorCount) {
    for (int i = 0; i < sectorCount; i++) {
      now.add(new TreeSet<>(Set.of((byte) 0)));
      kept.add(new TreeSet<>(Set.of((byte) 0)));
    }
  }

  int sectorCount() {
    return now.size();
  }

  /** Sectors were changed to a value; {@code done} unless the request failed half-way, perhaps. */
  void changed(int sectorIndex, int count, byte value, boolean done) {
    for (int i = sectorIndex; i < sectorIndex + count; i++) {
      if (done) {
        now.get(i).clear();
      }
      now.get(i).add(value);
      kept.get(i).add(value);
    }
  }

  /** Sectors were discarded, or that failed: each holds what it held, or zeros. */
  void discarded(int sectorIndex, int count) {
    changed(sectorIndex, count, (byte) 0, false);
  }

  /** A flush succeeded. */
  void flushed() {
    for (int i = 0; i < now.size(); i++) {
      kept.get(i).clear();
      kept.get(i).addAll(now.get(i));
    }
  }

  /** Fails unless every sector is whole and holds a value that a read may see. */
  void assertNow(BlockNode node) throws IOException {
    assertAllowed(node, now);
  }

  /** Fails unless every sector is whole and holds a value that may be found after reopening. */
  void assertKept(BlockNode node) throws IOException {
    assertAllowed(node, kept);
  }

  private static void assertAllowed(BlockNode node, List<Set<Byte>> allowed) throws IOException {
    byte[] found = new byte[allowed.size() * SECTOR_BYTES];
    node.read(0, found);
    for (int i = 0; i < allowed.size(); i++) {
      byte value = found[i * SECTOR_BYTES];
      if (!allowed.get(i).contains(value)) {
        fail("sector %d reads %d; it may hold one of %s", i, value, allowed.get(i));
      }
      for (int at = i * SECTOR_BYTES; at < (i + 1) * SECTOR_BYTES; at++) {
        if (found[at] != value) {
          fail("sector %d is torn: %d at 0x%x, %d before", i, found[at], at, value);
        }
      }
    }
  }
}
