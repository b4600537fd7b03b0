package dev.platter.tools.img;

import dev.platter.api.BlockNode;
import dev.platter.conf.CacheMode;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.Getopt;
import dev.platter.tools.Terminal;
import dev.platter.tools.UsageException;
import dev.platter.tools.image.AioMode;
import dev.platter.tools.image.GateOption;
import dev.platter.tools.image.ImageArgument;
import dev.platter.tools.image.OpenMode;
import dev.platter.tools.text.SizeArgument;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** {@code bench}: sends requests at evenly spaced offsets and says how long that took. */
final class BenchCommand implements ImgCommand {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final int BYTE_MAXIMUM = 0xff;

  private static Getopt options() {
    return Getopt.of("hc:d:f:ni:o:qs:S:t:wU")
        .withLong(GateOption.NAME, true)
        .withLong("flush-interval", true)
        .withLong("pattern", true)
        .withLong("no-drain", false)
        .withLong("random", true)
        .withLong("image-opts", false)
        .withLong("force-share", 'U');
  }

  @Override
  public int run(List<String> args, Terminal terminal)
      throws CommandFailure, UsageException, IOException {
    Getopt.Parsed given = options().parse(args);
    BenchPlan plan = plan(given);
    String cacheWord = given.last("t").orElse("writeback");
    CacheMode cache = ImgSession.cache(cacheWord, "Invalid cache mode");
    OpenMode mode = withAio(given, plan.write() ? OpenMode.WRITE : OpenMode.READ);
    if (given.operands().size() != 1) {
      throw new UsageException("Expecting one image file name");
    }
    if (!plan.write() && plan.flushInterval() > 0) {
      throw new CommandFailure("--flush-interval is only available in write tests");
    }
    if (plan.flushInterval() > 0 && plan.flushInterval() < plan.depth()) {
      throw new CommandFailure("Flush interval can't be smaller than depth");
    }
    ImageArgument image = ImgSession.image(given, given.operands().getFirst());
    try (ImgSession session = new ImgSession(terminal, given)) {
      BlockNode node = session.open(image, mode.with(cache).sharing(given.has("U"))).node();
      announce(plan, terminal.out());
      long nanos = new BenchRun(node, plan).run();
      terminal
          .out()
          .println(
              String.format(
                  Locale.ROOT, "Run completed in %.3f seconds.", nanos / NANOS_PER_SECOND));
    }
    return 0;
  }

  private static OpenMode withAio(Getopt.Parsed given, OpenMode mode) throws CommandFailure {
    OpenMode chosen = given.has("n") ? mode.withAio(AioMode.NATIVE) : mode;
    return given.has("i") ? chosen.withAio(AioMode.of(given.last("i").orElseThrow())) : chosen;
  }

  private static BenchPlan plan(Getopt.Parsed given) throws CommandFailure {
    int count = number(given, "c", "Invalid request count specified", BenchPlan.DEFAULT_COUNT);
    int depth = number(given, "d", "Invalid queue depth specified", BenchPlan.DEFAULT_DEPTH);
    if (depth == 0) {
      throw new CommandFailure("Invalid queue depth specified"); // QEMU waits for ever
    }
    long offset = size(given, "o", "offset", Long.MAX_VALUE, 0);
    long length =
        size(given, "s", "buffer size", Integer.MAX_VALUE, BenchPlan.DEFAULT_REQUEST_BYTES);
    long step = size(given, "S", "step_size", Integer.MAX_VALUE, 0);
    int pattern = number(given, "pattern", "Invalid pattern byte specified", 0);
    if (pattern > BYTE_MAXIMUM) {
      throw new CommandFailure("Invalid pattern byte specified");
    }
    int flushInterval = number(given, "flush-interval", "Invalid flush interval specified", 0);
    return new BenchPlan(
        given.has("w"),
        count,
        depth,
        offset,
        (int) length,
        step == 0 ? length : step,
        (byte) pattern,
        flushInterval,
        !given.has("no-drain"),
        seed(given));
  }

  private static OptionalLong seed(Getopt.Parsed given) throws CommandFailure {
    if (!given.has("random")) {
      return OptionalLong.empty();
    }
    if (given.has("o") || given.has("S")) {
      throw new CommandFailure("--random chooses every offset and cannot be used with -o or -S");
    }
    return OptionalLong.of(
        SizeArgument.wholeNumber(given.last("random").orElseThrow())
            .orElseThrow(() -> new CommandFailure("Invalid seed specified")));
  }

  private static int number(Getopt.Parsed given, String option, String refusal, int otherwise)
      throws CommandFailure {
    if (!given.has(option)) {
      return otherwise;
    }
    Optional<Long> number = SizeArgument.wholeNumber(given.last(option).orElseThrow());
    return number
        .filter(value -> value <= Integer.MAX_VALUE)
        .orElseThrow(() -> new CommandFailure(refusal))
        .intValue();
  }

  private static long size(
      Getopt.Parsed given, String option, String what, long maximum, long otherwise)
      throws CommandFailure {
    return given.has(option)
        ? SizeArgument.parse(what, given.last(option).orElseThrow(), maximum)
        : otherwise;
  }

  private static void announce(BenchPlan plan, PrintStream out) {
    out.println(
        "Sending %d %s requests, %d bytes each, %d in parallel (%s)"
            .formatted(
                plan.count(),
                plan.write() ? "write" : "read",
                plan.requestBytes(),
                plan.depth(),
                plan.seed().isPresent()
                    ? "at random offsets, seed " + plan.seed().getAsLong()
                    : "starting at offset %d, step size %d"
                        .formatted(plan.offset(), plan.stepBytes())));
    if (plan.flushInterval() > 0) {
      out.println("Sending flush every %d requests".formatted(plan.flushInterval()));
    }
    out.flush();
  }
}
