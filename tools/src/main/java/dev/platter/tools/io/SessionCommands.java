package dev.platter.tools.io;

import dev.platter.conf.CacheMode;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.Getopt;
import dev.platter.tools.UsageException;
import dev.platter.tools.image.ImageArgument;
import dev.platter.tools.image.OpenMode;
import dev.platter.tools.text.SizeArgument;
import java.util.List;
import java.util.Optional;

/** Commands that open and close images, and those that have nothing to do with one. */
final class SessionCommands {
  private SessionCommands() {}

  /** {@code open}. */
  static void open(IoSession session, List<String> args) throws IoFailure, UsageException {
    Getopt.Parsed given = Getopt.of("snCro:ki:t:d:U", Getopt.Wording.C_LIBRARY).parse(args);
    OpenMode mode = mode(given);
    List<String> names = given.operands();
    Optional<String> options = given.last("o");
    if (names.size() > 1 || (names.isEmpty() && options.isEmpty())) {
      throw IoFailure.usage();
    }
    if (session.isOpen()) {
      throw IoFailure.report("file open already, try 'help close'");
    }
    Optional<String> name = names.stream().findFirst();
    ImageArgument image =
        options.isEmpty()
            ? ImageArgument.file(name.orElseThrow(), Optional.empty())
            : new ImageArgument(
                name.map(file -> NamedOptions.of(file, options.get())).orElse(options.get()),
                Optional.empty(),
                true);
    session.open(new IoOpening(image, name, mode, given.has("s"), given.has("C")));
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
    ReopenOptions options = ReopenOptions.of(session.image(), given);
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
    String message = failure.getMessage();
    int quoted = message.indexOf("does not support the option '");
    return quoted < 0
        ? failure
        : IoFailure.report(
            "Cannot change the option " + message.substring(message.indexOf('\'', quoted)));
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
