package dev.platter.tools.io;

import dev.platter.tools.CommandFailure;
import dev.platter.tools.Getopt;
import dev.platter.tools.Terminal;
import dev.platter.tools.Tool;
import dev.platter.tools.TraceOption;
import dev.platter.tools.UsageException;
import dev.platter.tools.Version;
import dev.platter.tools.image.GateOption;
import dev.platter.tools.image.ImageArgument;
import dev.platter.tools.image.ObjectHelp;
import dev.platter.tools.image.UserObjects;
import dev.platter.tools.site.SiteRules;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** {@code platter io}: stands in for {@code qemu-io}. */
public final class IoTool implements Tool {
  private static final String HELP =
      """
      Usage: qemu-io [OPTIONS]... [-c STRING]... [file]
      Reads and writes disk images, with the commands and output of qemu-io

        --image-opts         file is an option string
            --object=OBJECT      secret,id=ID,file=FILE, or throttle-group,id=ID,x-iops-total=N
        -c, --cmd STRING     run a command; may be given more than once. Without it, commands are
                             read from standard input
        -f, --format FMT     the image's format
        -r, --read-only      open the image read-only
        -s, --snapshot       write to a temporary overlay
        -C, --copy-on-read   copy what is read into the image
        -n, --nocache        short for -t none
        -m, --misalign       ignored
        -i, --aio=MODE       threads, native or io_uring
        -t, --cache=MODE     writeback, none, writethrough, directsync or unsafe
        -d, --discard=MODE   unmap or ignore
        -U, --force-share    share the image with a program that writes to it
            --gate=POLICY    files that an image may name: default, beside, off, strict[=DIR:DIR]
        -h, --help           print this and exit
        -V, --version        print the version and exit

      See 'qemu-io -c help' for information on available commands.
      """;

  /** What a shell says of a program that Ctrl-C has ended. */
  private static final int INTERRUPTED = 130;

  /** A tool without state. */
  public IoTool() {}

  @Override
  public String program() {
    return "qemu-io";
  }

  private static Getopt options() {
    return Getopt.of("hVc:d:f:rsnCmki:t:T:U", Getopt.Wording.C_LIBRARY)
        .withLong("help", 'h')
        .withLong("version", 'V')
        .withLong("cmd", 'c')
        .withLong("format", 'f')
        .withLong("read-only", 'r')
        .withLong("snapshot", 's')
        .withLong("nocache", 'n')
        .withLong("copy-on-read", 'C')
        .withLong("misalign", 'm')
        .withLong("native-aio", 'k')
        .withLong("aio", 'i')
        .withLong("discard", 'd')
        .withLong("cache", 't')
        .withLong("trace", 'T')
        .withLong("force-share", 'U')
        .withLong("object", true)
        .withLong(GateOption.NAME, true)
        .withLong("image-opts", false);
  }

  @Override
  public int run(List<String> args, Terminal terminal) throws CommandFailure, IOException {
    Getopt.Parsed given;
    try {
      given = options().parse(args);
    } catch (UsageException e) {
      terminal.err().println(program() + ": " + e.getMessage());
      terminal.out().print(HELP);
      return 1;
    }
    if (given.has("h") || given.operands().size() > 1) {
      terminal.out().print(HELP);
      return given.has("h") ? 0 : 1;
    }
    if (given.has("V")) {
      terminal.out().println(Version.of(program()));
      return 0;
    }
    for (String trace : given.all("T")) {
      TraceOption.check(trace, program(), terminal);
    }
    Optional<String> objectHelp = ObjectHelp.of(args);
    if (objectHelp.isPresent()) {
      terminal.out().print(objectHelp.get());
      return 0;
    }
    return run(given, terminal);
  }

  private static int run(Getopt.Parsed given, Terminal terminal)
      throws CommandFailure, IOException {
    Optional<IoOpening> opening = opening(given);
    SiteRules site = new SiteRules();
    try (UserObjects objects = UserObjects.parse(given.all(UserObjects.OPTION));
        IoSession session =
            new IoSession(
                terminal,
                site.images(given.last(GateOption.NAME)),
                objects,
                given.has("image-opts"))) {
      if (opening.isPresent()) {
        if (opening.get().image().imageOpts()) {
          SessionCommands.checkSharing(given, opening.get().image().text());
        }
        session.open(opening.get());
      }
      boolean interrupted = runCommands(given.all("c"), session);
      return interrupted ? INTERRUPTED : session.failed() ? 1 : 0;
    } catch (IoFailure e) {
      terminal.err().println(e.getMessage());
      return 1;
    }
  }

  private static Optional<IoOpening> opening(Getopt.Parsed given) throws CommandFailure {
    boolean imageOpts = given.has("image-opts");
    Optional<String> format = given.last("f");
    var mode = IoOpening.mode(given);
    if (imageOpts && format.isPresent()) {
      throw new CommandFailure("--image-opts and -f are mutually exclusive");
    }
    return given.operands().stream()
        .findFirst()
        .map(
            name ->
                new IoOpening(
                    new ImageArgument(name, format, imageOpts),
                    imageOpts ? Optional.empty() : Optional.of(name),
                    mode,
                    given.has("s"),
                    given.has("C")));
  }

  /** Returns whether Ctrl-C has ended them. */
  private static boolean runCommands(List<String> commands, IoSession session) throws IOException {
    IoShell shell = new IoShell(session);
    if (!commands.isEmpty()) {
      for (String command : commands) {
        if (!session.ended()) {
          shell.run(command);
        }
      }
    } else if (session.terminal().watched().getAsBoolean()) {
      return new InteractiveShell(session, shell).run();
    } else {
      shell.runFromInput();
    }
    return false;
  }
}
