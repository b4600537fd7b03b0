package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.qcow2.GuestScript.Kind;
import dev.platter.qcow2.GuestScript.Step;
import java.util.Arrays;
import java.util.BitSet;

/** Which bytes each sector of a small disk may hold, when some requests may be lost. */
final class PossibleDisk {
  private static final int SECTOR = 512;

  private final int clusterBytes;
  private final BitSet[] sectors;

  /** A disk that holds these bytes, each sector all of one value. */
  PossibleDisk(byte[] bytes, int clusterBytes) {
    this.clusterBytes = clusterBytes;
    this.sectors = new BitSet[bytes.length / SECTOR];
    for (int i = 0; i < sectors.length; i++) {
      sectors[i] = new BitSet();
      sectors[i].set(bytes[i * SECTOR] & 0xff);
    }
  }

  private PossibleDisk(BitSet[] sectors, int clusterBytes) {
    this.sectors = sectors;
    this.clusterBytes = clusterBytes;
  }

  /**
   * The disk after one more request.
   *
   * @param certain whether its outcome cannot be lost any more; a discard's is never certain
   */
  PossibleDisk with(Step step, boolean certain) {
    if (!step.kind().changes()) {
      return this;
    }
    BitSet[] changed = Arrays.copyOf(sectors, sectors.length);
    int first = step.cluster() * clusterBytes / SECTOR;
    int count = clusterBytes / SECTOR;
    int from = step.kind() == Kind.WRITE_PART ? first + count / 2 : first;
    int value = step.kind().writes() ? step.value() : 0;
    boolean replaces = certain && step.kind() != Kind.DISCARD;
    for (int sector = from; sector < first + count; sector++) {
      changed[sector] = replaces ? new BitSet() : (BitSet) changed[sector].clone();
      changed[sector].set(value);
    }
    return new PossibleDisk(changed, clusterBytes);
  }

  /** Expects each sector to be whole, and to hold what it may hold. */
  void assertHolds(byte[] bytes, String context) {
    for (int sector = 0; sector < sectors.length; sector++) {
      int value = bytes[sector * SECTOR] & 0xff;
      boolean whole = true;
      for (int i = 0; i < SECTOR; i++) {
        whole &= (bytes[sector * SECTOR + i] & 0xff) == value;
      }
      if (!whole || !sectors[sector].get(value)) {
        assertThat(value)
            .as("%s: sector %d is %s", context, sector, whole ? "whole" : "torn")
            .matches(_ -> false, "one of " + sectors[sector]);
      }
    }
  }
}
