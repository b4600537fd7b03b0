package dev.platter.file;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A host's locks on the bytes of one file, in memory, with a log of what was asked of it. */
final class LockTable {
  private final Map<Long, Set<Object>> holders = new HashMap<>();
  private final List<String> log = new ArrayList<>();
  private int refusal;

  /** What one open file sees of the table. */
  ByteLocks open() {
    return new Opened();
  }

  /** The bytes that are locked. */
  Set<Long> locked() {
    return Set.copyOf(holders.keySet());
  }

  /** What was asked since the last call: {@code +100} locked, {@code -100} let go, {@code ?200}. */
  String takeLog() {
    String text = String.join(" ", log);
    log.clear();
    return text;
  }

  /** Makes every attempt to lock a byte fail with this {@code errno}. */
  void refuse(int errno) {
    refusal = errno;
  }

  private final class Opened implements ByteLocks {
    @Override
    public int set(long offset, boolean locked) {
      log.add((locked ? "+" : "-") + offset);
      if (locked && refusal != 0) {
        return -refusal;
      }
      Set<Object> of = holders.computeIfAbsent(offset, key -> new HashSet<>());
      if (locked) {
        of.add(this);
      } else {
        of.remove(this);
      }
      if (of.isEmpty()) {
        holders.remove(offset);
      }
      return 0;
    }

    @Override
    public int heldElsewhere(long offset) {
      log.add("?" + offset);
      Set<Object> of = new HashSet<>(holders.getOrDefault(offset, Set.of()));
      of.remove(this);
      return of.isEmpty() ? 0 : 1;
    }
  }
}
