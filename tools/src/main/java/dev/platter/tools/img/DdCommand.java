package dev.platter.tools.img;

import dev.platter.api.BlockNode;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.Getopt;
import dev.platter.tools.Terminal;
import dev.platter.tools.UsageException;
import dev.platter.tools.image.ErrorText;
import dev.platter.tools.image.GateOption;
import dev.platter.tools.image.ImageArgument;
import dev.platter.tools.image.OpenImage;
import dev.platter.tools.image.OpenMode;
import dev.platter.tools.text.SizeArgument;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code dd}: copies bytes of an image into a new one, with the operands of {@code dd}. */
final class DdCommand implements ImgCommand {
  private static final Set<String> OPERANDS = Set.of("bs", "count", "if", "of", "skip");
  private static final long DEFAULT_BLOCK_BYTES = 512;
  private static final int BUFFER_BYTES = 1 << 20;

  /**
   * What is copied.
   *
   * @param skips whether there is a {@code skip}
   * @param count how many blocks at most; empty for all
   */
  private record Plan(
      String input,
      String output,
      long blockBytes,
      boolean skips,
      long skip,
      Optional<Long> count) {
    /** Where the copy ends in an image of this size. */
    long end(long size) {
      return count
          .map(blocks -> product(blocks).min(BigInteger.valueOf(size)).longValueExact())
          .orElse(size);
    }

    /** Where it begins; behind {@code end} if it skips all. */
    long start(long end) {
      return product(skip).min(BigInteger.valueOf(Math.addExact(end, 1))).longValueExact();
    }

    private BigInteger product(long blocks) {
      return BigInteger.valueOf(blocks).multiply(BigInteger.valueOf(blockBytes));
    }
  }

  private static Getopt options() {
    return Getopt.of("hf:O:U")
        .withLong(GateOption.NAME, true)
        .withLong("object", true)
        .withLong("image-opts", false)
        .withLong("force-share", 'U');
  }

  @Override
  public int run(List<String> args, Terminal terminal)
      throws CommandFailure, UsageException, IOException {
    Getopt.Parsed given = options().parse(args);
    Plan plan = plan(given.operands());
    try (ImgSession session = new ImgSession(terminal, given)) {
      OpenImage input =
          session.open(
              ImgSession.image(given, plan.input()), OpenMode.READ.sharing(given.has("U")));
      String format = given.last("O").orElse("raw");
      long end = plan.end(input.node().size());
      long start = plan.start(end);
      OpenImage output = create(session, plan.output(), format, Math.max(0, end - start));
      if (plan.skips() && start > end) {
        terminal.err().println("qemu-img: " + plan.input() + ": cannot skip to specified offset");
      } else {
        copy(input.node(), output.node(), start, end);
      }
    }
    return 0;
  }

  private static Plan plan(List<String> operands) throws CommandFailure {
    Map<String, String> values = new LinkedHashMap<>();
    long blockBytes = DEFAULT_BLOCK_BYTES;
    long skip = 0;
    Optional<Long> count = Optional.empty();
    for (String operand : operands) {
      int equals = operand.indexOf('=');
      String name = equals < 0 ? operand : operand.substring(0, equals);
      if (equals < 0 || !OPERANDS.contains(name)) {
        throw new CommandFailure("unrecognized operand " + name);
      }
      String value = operand.substring(equals + 1);
      values.put(name, value);
      switch (name) {
        case "bs" -> blockBytes = SizeArgument.parse("bs", value, 1, Integer.MAX_VALUE);
        case "skip" -> skip = SizeArgument.parse("skip", value);
        case "count" -> count = Optional.of(SizeArgument.parse("count", value));
        default -> {} // a file
      }
    }
    if (!values.containsKey("if") || !values.containsKey("of")) {
      throw new CommandFailure("Must specify both input and output files");
    }
    return new Plan(
        values.get("if"), values.get("of"), blockBytes, values.containsKey("skip"), skip, count);
  }

  private static OpenImage create(ImgSession session, String name, String format, long size)
      throws CommandFailure {
    CreateOptions options;
    try {
      options = new CreateOptions(session.images().drivers(), format);
    } catch (CommandFailure e) {
      throw session.images().drivers().find(format).isEmpty()
          ? new CommandFailure("Unknown file format").causedBy(e)
          : e;
    }
    try {
      ImageMaker.make(session, name, options, size);
    } catch (CommandFailure e) {
      throw e.about("error while creating output image").about(name);
    }
    return session.open(ImageArgument.file(name, Optional.of(format)), OpenMode.WRITE);
  }

  /**
   * Copies in pieces that suit memory: what a block is only says where the copy begins and ends.
   */
  private static void copy(BlockNode from, BlockNode to, long start, long end)
      throws CommandFailure {
    byte[] buffer = new byte[(int) Math.min(BUFFER_BYTES, end - start)];
    for (long at = start; at < end; at += buffer.length) {
      MemorySegment piece =
          MemorySegment.ofArray(buffer).asSlice(0, Math.min(buffer.length, end - at));
      try {
        from.read(at, piece);
      } catch (IOException e) {
        throw failure("reading from input", e);
      }
      try {
        to.write(at - start, piece);
      } catch (IOException e) {
        throw failure("writing to output", e);
      }
    }
  }

  private static CommandFailure failure(String doing, IOException e) {
    return new CommandFailure(
            "error while %s image file: %s".formatted(doing, ErrorText.ofRequest(e)))
        .causedBy(e);
  }
}
