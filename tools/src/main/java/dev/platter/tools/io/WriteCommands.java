package dev.platter.tools.io;

import dev.platter.api.BlockNode;
import dev.platter.api.CompressingNode;
import dev.platter.api.IoVector;
import dev.platter.api.ZeroMode;
import dev.platter.api.error.OutOfRangeException;
import dev.platter.api.error.UnsupportedFeatureException;
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
import java.util.stream.Stream;

/** {@code write}, {@code writev}, {@code aio_write} and {@code discard}. */
final class WriteCommands {
  private static final int DEFAULT_PATTERN = 0xcd;

  private WriteCommands() {}

  /** What a write does to its range. */
  @FunctionalInterface
  private interface Change {
    void perform(BlockNode node) throws IOException;
  }

  /**
   * A change, and what is said about it.
   *
   * @param done what it says it did
   * @param failureName what it says that failed
   * @param flush whether it is over when it is durable
   */
  private record Request(
      String done,
      String failureName,
      long offset,
      long length,
      boolean flush,
      boolean quiet,
      boolean terse) {
    static Request of(
        String done, String failureName, long offset, long length, Getopt.Parsed given) {
      return new Request(
          done, failureName, offset, length, given.has("f"), given.has("q"), given.has("C"));
    }

    Outcome perform(BlockNode node, Change change) {
      long start = System.nanoTime();
      try {
        change.perform(node);
        if (flush) {
          node.flush();
        }
      } catch (IOException e) {
        return new Outcome("%s failed: %s\n".formatted(failureName, ErrorText.ofRequest(e)), false);
      }
      long nanos = Math.max(1, System.nanoTime() - start);
      return new Outcome(quiet ? "" : IoReport.of(done, offset, length, nanos, terse), true);
    }
  }

  /** {@code write}. */
  static void write(IoSession session, List<String> args) throws IoFailure, UsageException {
    Getopt.Parsed given = Getopt.of("bcCfnpP:qs:uz", Getopt.Wording.C_LIBRARY).parse(args);
    int pattern = pattern(given);
    if (given.operands().size() != 2) {
      throw IoFailure.usage();
    }
    checkCombinations(given);
    long offset = IoNumbers.size(given.operands().get(0));
    long length = writeLength(given.operands().get(1), given.has("n"));
    if (given.has("b") || given.has("c")) {
      IoNumbers.requireSectors(offset, length);
    }
    Request request = Request.of("wrote", "write", offset, length, given);
    if (given.has("z")) {
      ZeroMode mode = given.has("u") ? ZeroMode.MAY_UNMAP : ZeroMode.KEEP_ALLOCATED;
      session.print(
          request.perform(session.node(), node -> node.writeZeroes(offset, length, mode)));
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      Optional<String> file = given.last("s");
      MemorySegment memory =
          file.isPresent()
              ? IoBuffers.repeated(arena, length, file.get())
              : IoBuffers.filled(arena, length, pattern);
      Change change = node -> node.write(offset, memory);
      if (given.has("b")) { // goes before -c
        change = node -> VmState.of(node).write(offset, memory);
      } else if (given.has("c")) {
        change = node -> writeCompressed(node, offset, memory);
      }
      session.print(request.perform(session.node(), change));
    }
  }

  private static void writeCompressed(BlockNode node, long offset, MemorySegment memory)
      throws IOException {
    if (offset > node.size() - memory.byteSize()) {
      throw new OutOfRangeException(node.name(), offset, memory.byteSize(), node.size());
    }
    CompressingNode.of(node)
        .orElseThrow(() -> new UnsupportedFeatureException(node.name() + " is not compressed"))
        .prepareCompressed(offset, memory)
        .perform();
  }

  private static void checkCombinations(Getopt.Parsed given) throws IoFailure {
    refuse(given.has("b") && given.has("z"), "-b and -z cannot be specified at the same time");
    refuse(
        given.has("f") && (given.has("b") || given.has("c")),
        "-f and -b or -c cannot be specified at the same time");
    refuse(given.has("n") && !given.has("z"), "-n requires -z to be specified");
    refuse(given.has("u") && !given.has("z"), "-u requires -z to be specified");
    refuse(
        Stream.of("z", "P", "s").filter(given::has).count() > 1,
        "Only one of -z, -P, and -s can be specified at the same time");
  }

  private static void refuse(boolean wrong, String line) throws IoFailure {
    if (wrong) {
      throw IoFailure.out(line);
    }
  }

  private static long writeLength(String text, boolean noFallback) throws IoFailure {
    long length = IoNumbers.size(text);
    if (length > IoNumbers.MAXIMUM_BYTES && !noFallback) {
      throw IoFailure.out(
          "length cannot exceed %d without -n, given %s".formatted(IoNumbers.MAXIMUM_BYTES, text));
    }
    return length;
  }

  /** {@code writev}. */
  static void writeVector(IoSession session, List<String> args) throws IoFailure, UsageException {
    Getopt.Parsed given = Getopt.of("CfqP:", Getopt.Wording.C_LIBRARY).parse(args);
    int pattern = pattern(given);
    List<Long> lengths = lengths(given);
    long offset = IoNumbers.size(given.operands().getFirst());
    Request request = Request.of("wrote", "writev", offset, IoNumbers.sum(lengths), given);
    session.print(request.perform(session.node(), filled(offset, lengths, pattern)));
  }

  /** {@code aio_write}. */
  static void writeLater(IoSession session, List<String> args) throws IoFailure, UsageException {
    Getopt.Parsed given = Getopt.of("CfiP:quz", Getopt.Wording.C_LIBRARY).parse(args);
    int pattern = pattern(given);
    if (given.has("i")) {
      session.println("injecting invalid write request");
      return;
    }
    if (given.operands().size() < 2) {
      throw IoFailure.usage();
    }
    refuse(
        given.has("z") && given.operands().size() != 2,
        "-z supports only a single length parameter");
    refuse(given.has("u") && !given.has("z"), "-u requires -z to be specified");
    long offset = IoNumbers.size(given.operands().getFirst());
    // Zeros are not sent, and take no memory.
    List<Long> lengths =
        given.has("z") ? List.of(IoNumbers.size(given.operands().get(1))) : lengths(given);
    Request request = Request.of("wrote", "aio_write", offset, IoNumbers.sum(lengths), given);
    ZeroMode mode = given.has("u") ? ZeroMode.MAY_UNMAP : ZeroMode.KEEP_ALLOCATED;
    Change change =
        given.has("z")
            ? node -> node.writeZeroes(offset, request.length(), mode)
            : filled(offset, lengths, pattern);
    BlockNode node = session.node();
    session.later(
        new LaterRequests.Bytes(offset, request.length(), true),
        () -> request.perform(node, change));
  }

  /** {@code discard}. */
  static void discard(IoSession session, List<String> args) throws IoFailure, UsageException {
    Getopt.Parsed given = Getopt.of("Cq", Getopt.Wording.C_LIBRARY).parse(args);
    if (given.operands().size() != 2) {
      throw IoFailure.usage();
    }
    long offset = IoNumbers.size(given.operands().get(0));
    long length = IoNumbers.length(given.operands().get(1));
    Request request = Request.of("discard", "discard", offset, length, given);
    session.print(request.perform(session.node(), node -> node.discard(offset, length)));
  }

  private static Change filled(long offset, List<Long> lengths, int pattern) {
    return node -> {
      try (Arena arena = Arena.ofConfined()) {
        List<MemorySegment> segments = new ArrayList<>();
        for (long length : lengths) {
          segments.add(IoBuffers.filled(arena, length, pattern));
        }
        node.write(offset, IoVector.of(segments));
      }
    };
  }

  private static int pattern(Getopt.Parsed given) throws IoFailure {
    Optional<String> text = given.last("P");
    return text.isPresent() ? IoNumbers.pattern(text.get()) : DEFAULT_PATTERN;
  }

  private static List<Long> lengths(Getopt.Parsed given) throws IoFailure {
    List<String> operands = given.operands();
    if (operands.size() < 2) {
      throw IoFailure.usage();
    }
    return IoNumbers.lengths(operands.subList(1, operands.size()));
  }
}
