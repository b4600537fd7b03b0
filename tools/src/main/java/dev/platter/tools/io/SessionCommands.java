package dev.platter.tools.io;

import dev.platter.api.spec.GenericOptions;
import dev.platter.conf.CacheMode;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.Getopt;
import dev.platter.tools.UsageException;
import dev.platter.tools.image.ImageArgument;
import dev.platter.tools.image.OpenMode;
import dev.platter.tools.text.SizeArgument;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Commands that open and close images, and those that have nothing to do with one. */
final class SessionCommands {
  private static final Pattern UNKNOWN_OPTION =
      Pattern.compile("(?:does not|doesn't) support the option ('.*')");

  private SessionCommands() {}

  /** {@code open}. */
  static void open(IoSession session, List<String> args) throws IoFailure, UsageException {
    Getopt.Parsed given = Getopt.of("snCro:ki:t:d:U", Getopt.Wording.C_LIBRARY).parse(args);
    OpenMode mode = mode(given);
    List<String> names = given.operands();
    if (names.size() > 1) {
      throw IoFailure.usage();
    }
    if (session.imageOpts() && given.has("o")) {
      throw IoFailure.out("--image-opts and 'open -o' are mutually exclusive");
    }
    if (session.isOpen()) {
      throw IoFailure.report("file open already, try 'help close'");
    }
    Optional<String> name = session.imageOpts() ? Optional.empty() : names.stream().findFirst();
    String options = String.join(",", session.imageOpts() ? names : given.all("o"));
    ImageArgument image =
        name.isEmpty()
            ? new ImageArgument(options, Optional.empty(), true)
            : options.isEmpty()
                ? ImageArgument.file(name.get(), Optional.empty())
                : ImageArgument.fileWith(name.get(), options);
    checkSharing(given, options);
    session.open(new IoOpening(image, name, mode, given.has("s"), given.has("C")));
  }

  /** Refuses {@code -U} where options say the opposite. */
  static void checkSharing(Getopt.Parsed given, String options) throws IoFailure {
    String key = GenericOptions.FORCE_SHARE.name();
    if (given.has("U") && !OptionText.read(options).getOrDefault(key, "on").equals("on")) {
      throw IoFailure.report("-U conflicts with image options");
    }
  }

  private static OpenMode mode(Getopt.Parsed given) throws IoFailure {
    try {
      return IoOpening.mode(given);
    } catch (CommandFailure e) {
      throw IoFailure.report(e.getMessage());
    }
  }

  /** {@code close}. */
  static void close(IoSession session, List<String> args) throws IoFailure {
    session.closeImage();
  }

  /** {@code reopen}: the same image with other options. */
  static void reopen(IoSession session, List<String> args) throws IoFailure, UsageException {
    Getopt.Parsed given = Getopt.of("c:o:rw", Getopt.Wording.C_LIBRARY).parse(args);
    IoOpening old = session.opening();
    OpenMode mode = old.mode();
    if (given.has("c")) {
      String word = given.last("c").orElseThrow();
      mode =
          mode.with(
              CacheMode.of(word)
                  .orElseThrow(() -> IoFailure.report("Invalid cache option: " + word)));
    }
    if (given.options().stream().filter(o -> o.name().equals("r") || o.name().equals("w")).count()
        > 1) {
      throw IoFailure.report("Only one -r/-w option may be given");
    }
    if (!given.operands().isEmpty()) {
      throw IoFailure.usage();
    }
    if (given.has("r") || given.has("w")) {
      mode = new OpenMode(given.has("w"), mode.backing(), mode.forceShare(), mode.options());
    }
    ReopenOptions options = ReopenOptions.of(session, given);
    ImageArgument image =
        options.isEmpty() ? old.image() : options.argument(old.image(), mode.options().keySet());
    try {
      session.reopen(old.with(image, mode));
    } catch (IoFailure e) {
      throw reopenFailure(e);
    }
  }

  /** An option that the image cannot take cannot be changed. */
  private static IoFailure reopenFailure(IoFailure failure) {
    Matcher unknown = UNKNOWN_OPTION.matcher(failure.getMessage());
    return unknown.find()
        ? IoFailure.report("Cannot change the option " + unknown.group(1))
        : failure;
  }

  /** {@code quit}. */
  static void quit(IoSession session, List<String> args) {
    session.end();
  }

  /** {@code aio_flush}. */
  static void awaitLater(IoSession session, List<String> args) {
    session.printLater();
  }

  /** {@code sleep}. */
  static void sleep(IoSession session, List<String> args) throws IoFailure {
    long millis =
        SizeArgument.wholeNumber(args.getFirst())
            .orElseThrow(() -> IoFailure.out(args.getFirst() + " is not a valid number"));
    session.terminal().flush();
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw IoFailure.report("interrupted");
    }
  }

  /** {@code help}. */
  static void help(IoSession session, List<String> args) throws IoFailure {
    if (args.isEmpty()) {
      IoCommands.all().forEach(command -> session.println(command.usage(command.name())));
      session.print("\nUse 'help commandname' for extended help.\n");
      return;
    }
    String name = args.getFirst();
    IoCommand command =
        IoCommands.find(name).orElseThrow(() -> IoFailure.out("command " + name + " not found"));
    session.println(command.usage(name));
    session.print(command.help());
  }
}
