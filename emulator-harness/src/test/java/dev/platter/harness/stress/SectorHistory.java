package dev.platter.harness.stress;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was done to one sector, and when; and whether a register could have answered so.
 *
 * <p>Each write has a value of its own. For a value, let {@code seen} be the earliest moment at
 * which it is sure to have been there (its write, or a read of it, has ended), and {@code last} the
 * latest moment at which it still was (a read of it, or its write, has begun). If {@code seen}
 * comes first, the sector held that value from the one to the other, without a gap; if not, the
 * value was there at one moment at least between the two.
 *
 * <ul>
 *   <li>I1. A value that is read was being written, or had been, before the read ended.
 *   <li>I2. No two values were there at the same time without a gap.
 *   <li>I3. No write began and ended while another value was there without a gap.
 *   <li>I4. Zeros that are read were being put there before the read ended, and no write began
 *       behind that and ended before the read.
 * </ul>
 *
 * <p>I1 to I3 say exactly that the writes and the reads of their values are linearizable (Gibbons
 * and Korach, "Testing shared memories"). Zeros have no values of their own, and a discard may do
 * nothing: for them I4 says what a register would not do, and not all of it.
 */
final class SectorHistory {
  static final long ZERO = 0;
  private static final long NEVER = Long.MAX_VALUE;

  private static final class Value {
    long written = NEVER;
    long ended = NEVER;
    long read = NEVER;
    long last = Long.MIN_VALUE;
    boolean again;

    /** From when on it is sure that the value was there for good. */
    long seen() {
      return again ? ended : Math.min(read, ended);
    }
  }

  private record Span(long begin, long end) {}

  private final Map<Long, Value> values = new HashMap<>();
  private final List<Span> writes = new ArrayList<>();
  private final List<Span> zeros = new ArrayList<>();
  private final List<Span> zeroReads = new ArrayList<>();

  /** A sector that held a value, or {@link #ZERO}, before everything else. */
  SectorHistory(long initial) {
    if (initial == ZERO) {
      zeros.add(new Span(Long.MIN_VALUE, Long.MIN_VALUE));
    } else {
      wrote(initial, Long.MIN_VALUE, Long.MIN_VALUE, true);
    }
  }

  /**
   * A write.
   *
   * @param value no other write's
   * @param completed whether it succeeded; one that failed may have been done, or be done later
   */
  void wrote(long value, long begin, long end, boolean completed) {
    Value written = values.computeIfAbsent(value, _ -> new Value());
    written.written = begin;
    written.last = Math.max(written.last, begin);
    if (completed) {
      written.ended = end;
      writes.add(new Span(begin, end));
    }
  }

  /**
   * Says of a write that it may have been done more than once before it ended: a part of it, then
   * all of it. What is read in between says nothing about what is there afterwards.
   */
  void mayHaveBeenDoneAgain(long value) {
    values.computeIfAbsent(value, _ -> new Value()).again = true;
  }

  /** A write of zeros that succeeded. */
  void zeroed(long begin, long end) {
    mayHaveZeroed(begin, end);
    Value zeroed = values.computeIfAbsent(-1L - zeros.size(), _ -> new Value());
    zeroed.written = begin;
    zeroed.ended = end;
    zeroed.last = begin;
  }

  /** Something that may have put zeros there: a discard, or a write of zeros that failed. */
  void mayHaveZeroed(long begin, long end) {
    zeros.add(new Span(begin, end));
  }

  /** A read. */
  void read(long value, long begin, long end) {
    if (value == ZERO) {
      zeroReads.add(new Span(begin, end));
      return;
    }
    Value found = values.computeIfAbsent(value, _ -> new Value());
    found.read = Math.min(found.read, end);
    found.last = Math.max(found.last, begin);
  }

  /** What a register would not have answered; empty if it could have. */
  Optional<String> violation() {
    List<Map.Entry<Long, Value>> held = new ArrayList<>();
    for (Map.Entry<Long, Value> entry : values.entrySet()) {
      Value value = entry.getValue();
      if (value.written == NEVER || value.read < value.written) { // I1
        return Optional.of("value %d was read before it was written".formatted(entry.getKey()));
      }
      if (value.seen() < value.last) {
        held.add(entry);
      }
    }
    held.sort((a, b) -> Long.compare(a.getValue().seen(), b.getValue().seen()));
    for (int i = 1; i < held.size(); i++) {
      if (held.get(i).getValue().seen() < held.get(i - 1).getValue().last) { // I2
        return Optional.of(
            "values %d and %d are there at the same time"
                .formatted(held.get(i - 1).getKey(), held.get(i).getKey()));
      }
    }
    return overwritten(held).or(this::zerosFromNowhere);
  }

  private Optional<String> overwritten(List<Map.Entry<Long, Value>> held) {
    for (Map.Entry<Long, Value> entry : values.entrySet()) {
      Value value = entry.getValue();
      if (value.seen() < value.last) {
        continue; // I2 has looked at it
      }
      for (Map.Entry<Long, Value> other : held) {
        if (other.getValue().seen() < value.last && value.seen() < other.getValue().last) { // I3
          return Optional.of(
              "value %d is read although %d was written meanwhile"
                  .formatted(other.getKey(), entry.getKey()));
        }
      }
    }
    return Optional.empty();
  }

  private Optional<String> zerosFromNowhere() {
    for (Span read : zeroReads) {
      long lastWrite =
          writes.stream()
              .filter(write -> write.end() < read.begin())
              .mapToLong(Span::begin)
              .max()
              .orElse(Long.MIN_VALUE);
      if (zeros.stream()
          .noneMatch(zero -> zero.begin() <= read.end() && zero.end() >= lastWrite)) { // I4
        return Optional.of("zeros are read, and what was written is lost");
      }
    }
    return Optional.empty();
  }
}
