package dev.platter.tck.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** What the snapshots inside an image may hold, after changes of which some have failed. */
final class KeptDisks {

  /** One of them. Immutable. */
  static final class Kept {
    private final long[] values;
    private final int[] sizes;
    private final boolean certain;

    private Kept(long[] values, int[] sizes, boolean certain) {
      this.values = values;
      this.sizes = sizes;
      this.certain = certain;
    }

    /** What each sector may hold, as the bits of a word; not to be changed. */
    long[] values() {
      return values;
    }

    /** The sizes in sectors of which it has one; not to be changed. */
    int[] sizes() {
      return sizes;
    }
  }

  private final Map<String, Kept> byName;

  /** None. */
  KeptDisks() {
    this(Map.of());
  }

  private KeptDisks(Map<String, Kept> byName) {
    this.byName = new TreeMap<>(byName);
  }

  KeptDisks copy() {
    return new KeptDisks(byName);
  }

  /** Whether there are none, nor may be. */
  boolean none() {
    return byName.isEmpty();
  }

  /** One was taken; {@code done} unless power was cut or the request failed before its end. */
  void created(String name, long[] values, int[] sizes, boolean done) {
    byName.put(name, new Kept(values.clone(), sizes.clone(), done));
  }

  /** One was deleted; {@code done} as above. */
  void deleted(String name, boolean done) {
    Kept kept = byName.remove(name);
    if (kept != null && !done) {
      byName.put(name, new Kept(kept.values(), kept.sizes(), false));
    }
  }

  /** One that is there, or may be. */
  Kept find(String name) {
    Kept kept = byName.get(name);
    if (kept == null) {
      throw new IllegalArgumentException("no step has made the snapshot " + name);
    }
    return kept;
  }

  /** Fails unless these may be the snapshots, and hold what they may hold. */
  void assertFound(Map<String, byte[]> found) {
    byName.forEach(
        (name, kept) -> {
          if (kept.certain && !found.containsKey(name)) {
            fail("the snapshot %s is not there", name);
          }
        });
    assertThat(byName.keySet()).as("possible snapshots").containsAll(found.keySet());
    found.forEach(
        (name, bytes) -> {
          Kept kept = byName.get(name);
          try {
            SectorModel.assertAllowed(bytes, kept.values(), kept.sizes());
          } catch (AssertionError e) {
            throw new AssertionError("snapshot %s: %s".formatted(name, e.getMessage()), e);
          }
        });
  }

  /** A number for what these allow. */
  long fingerprint() {
    long hash = 0;
    for (Map.Entry<String, Kept> entry : byName.entrySet()) {
      Kept kept = entry.getValue();
      hash = hash * 31 + entry.getKey().hashCode() + (kept.certain ? 1 : 0);
      hash = hash * 31 + Arrays.hashCode(kept.values());
      hash = hash * 31 + Arrays.hashCode(kept.sizes());
    }
    return hash;
  }
}
