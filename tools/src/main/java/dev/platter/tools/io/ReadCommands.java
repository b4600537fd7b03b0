package dev.platter.tools.io;

import dev.platter.api.BlockNode;
import dev.platter.api.IoVector;
import dev.platter.graph.VmState;
import dev.platter.tools.Getopt;
import dev.platter.tools.UsageException;
import dev.platter.tools.image.ErrorText;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** {@code read}, {@code readv} and {@code aio_read}. */
final class ReadCommands {
  private static final int UNTOUCHED = 0xab;

  private ReadCommands() {}

  /**
   * A read, and what is to be done with what was read.
   *
   * @param lengths of the segments that are read into
   * @param pattern what must have been read
   * @param patternStart where in what was read it must stand
   * @param patternLength how much of it
   * @param vmState whether it is the machine's state that is read, not the disk
   */
  private record Request(
      long offset,
      List<Long> lengths,
      OptionalInt pattern,
      long patternStart,
      long patternLength,
      boolean dump,
      boolean quiet,
      boolean terse,
      boolean vmState,
      String failureName) {

    /** Performs it; returns what is to be printed, and fails with it if the bytes are wrong. */
    Outcome perform(BlockNode node) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment memory = IoBuffers.filled(arena, IoNumbers.sum(lengths), UNTOUCHED);
        long start = System.nanoTime();
        read(node, memory);
        long nanos = Math.max(1, System.nanoTime() - start);
        return outcome(memory, nanos);
      } catch (IOException e) {
        String line = "%s failed: %s\n".formatted(failureName, ErrorText.ofRequest(e));
        return new Outcome(line, false);
      }
    }

    private void read(BlockNode node, MemorySegment memory) throws IOException {
      if (vmState) {
        VmState.of(node).read(offset, memory);
        return;
      }
      if (lengths.size() == 1) {
        node.read(offset, memory);
        return;
      }
      List<MemorySegment> segments = new ArrayList<>();
      long at = 0;
      for (long part : lengths) {
        segments.add(memory.asSlice(at, part));
        at += part;
      }
      node.read(offset, IoVector.of(segments));
    }

    private Outcome outcome(MemorySegment memory, long nanos) {
      StringBuilder text = new StringBuilder();
      boolean right =
          pattern.isEmpty()
              || IoBuffers.holds(memory.asSlice(patternStart, patternLength), pattern.getAsInt());
      if (!right) {
        text.append("Pattern verification failed at offset ")
            .append(offset + patternStart)
            .append(", ")
            .append(patternLength)
            .append(" bytes\n");
      }
      if (!quiet) {
        text.append(dump ? IoBuffers.dump(memory, offset) : "")
            .append(IoReport.of("read", offset, memory.byteSize(), nanos, terse));
      }
      return new Outcome(text.toString(), right);
    }
  }

  /** {@code read}. */
  static void read(IoSession session, List<String> args) throws IoFailure, UsageException {
    Getopt.Parsed given = Getopt.of("bCl:pP:qs:v", Getopt.Wording.C_LIBRARY).parse(args);
    Optional<String> patternLength = given.last("l");
    Optional<String> patternStart = given.last("s");
    OptionalInt pattern = pattern(given);
    long start = patternStart.isPresent() ? IoNumbers.size(patternStart.get()) : 0;
    long wanted = patternLength.isPresent() ? IoNumbers.size(patternLength.get()) : -1;
    if (given.operands().size() != 2) {
      throw IoFailure.usage();
    }
    long offset = IoNumbers.size(given.operands().get(0));
    long length = IoNumbers.length(given.operands().get(1));
    if (pattern.isEmpty() && (patternLength.isPresent() || patternStart.isPresent())) {
      throw IoFailure.usage();
    }
    long checked = wanted < 0 ? length - start : wanted;
    if (checked < 0 || checked > length - start) {
      throw IoFailure.out("pattern verification range exceeds end of read data");
    }
    if (given.has("b")) {
      IoNumbers.requireSectors(offset, length);
    }
    Request request =
        new Request(
            offset,
            List.of(length),
            pattern,
            start,
            checked,
            given.has("v"),
            given.has("q"),
            given.has("C"),
            given.has("b"),
            "read");
    session.print(request.perform(session.node()));
  }

  /** {@code readv}. */
  static void readVector(IoSession session, List<String> args) throws IoFailure, UsageException {
    Getopt.Parsed given = Getopt.of("CP:qv", Getopt.Wording.C_LIBRARY).parse(args);
    session.print(vector(given).perform(session.node()));
  }

  /** {@code aio_read}. */
  static void readLater(IoSession session, List<String> args) throws IoFailure, UsageException {
    Getopt.Parsed given = Getopt.of("CP:iqv", Getopt.Wording.C_LIBRARY).parse(args);
    if (given.has("i")) {
      session.println("injecting invalid read request");
      return;
    }
    Request request = vector(given);
    BlockNode node = session.node();
    session.later(
        new LaterRequests.Bytes(request.offset(), IoNumbers.sum(request.lengths()), false),
        () -> request.perform(node));
  }

  private static Request vector(Getopt.Parsed given) throws IoFailure {
    OptionalInt pattern = pattern(given);
    List<String> operands = given.operands();
    if (operands.size() < 2) {
      throw IoFailure.usage();
    }
    long offset = IoNumbers.size(operands.getFirst());
    List<Long> lengths = IoNumbers.lengths(operands.subList(1, operands.size()));
    return new Request(
        offset,
        lengths,
        pattern,
        0,
        IoNumbers.sum(lengths),
        given.has("v"),
        given.has("q"),
        given.has("C"),
        false,
        "readv");
  }

  private static OptionalInt pattern(Getopt.Parsed given) throws IoFailure {
    Optional<String> text = given.last("P");
    return text.isPresent() ? OptionalInt.of(IoNumbers.pattern(text.get())) : OptionalInt.empty();
  }
}
