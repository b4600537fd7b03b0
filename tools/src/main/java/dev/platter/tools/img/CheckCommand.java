package dev.platter.tools.img;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.api.error.ImageFormatException;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.spec.NodeSpec;
import dev.platter.conf.CacheMode;
import dev.platter.graph.Prober;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.Getopt;
import dev.platter.tools.Terminal;
import dev.platter.tools.UsageException;
import dev.platter.tools.image.ErrorText;
import dev.platter.tools.image.GateOption;
import dev.platter.tools.image.ImageArgument;
import dev.platter.tools.image.OpenImage;
import dev.platter.tools.image.OpenMode;
import dev.platter.tools.text.Json;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** {@code check}: whether an image's metadata is sound; mends it if asked to. */
final class CheckCommand implements ImgCommand {
  private static final int FAILED = 1;
  private static final int CORRUPT = 2;
  private static final int LEAKS = 3;
  private static final int NOT_SUPPORTED = 63;
  private static final List<String> UNREADABLE_SNAPSHOTS =
      List.of("ERROR failed to read the snapshot table: ", "ERROR snapshot table too large");

  private static Getopt options() {
    return Getopt.of("hf:r:T:qU")
        .withLong("format", 'f')
        .withLong("repair", 'r')
        .withLong("output", true)
        .withLong("object", true)
        .withLong(GateOption.NAME, true)
        .withLong("image-opts", false)
        .withLong("force-share", 'U');
  }

  @Override
  public int run(List<String> args, Terminal terminal)
      throws CommandFailure, UsageException, IOException {
    Getopt.Parsed given = options().parse(args);
    Repair repair = repair(given.last("r"));
    if (given.operands().size() != 1) {
      throw new UsageException("Expecting one image file name");
    }
    boolean json = ImgSession.json(given);
    String cacheWord = given.last("T").orElse("writeback");
    CacheMode cache = ImgSession.cache(cacheWord, "Invalid source cache option: " + cacheWord);
    ImageArgument image = ImgSession.image(given, given.operands().getFirst());
    OpenMode mode = OpenMode.READ.with(cache).sharing(given.has("U"));
    try (ImgSession session = new ImgSession(terminal, given)) {
      Optional<CommandFailure> refusal = Optional.empty();
      Optional<OpenImage> opened = Optional.empty();
      try {
        opened = Optional.of(session.open(image, mode));
        if (opened.get().format().isEmpty()) {
          throw notSupported();
        }
        session.images().close(opened.get());
      } catch (CommandFailure e) {
        refusal = Optional.of(refusalOfTheFormat(e));
      }
      BlockNode file = session.openFile(image, repair == Repair.NONE ? mode : mode.writing());
      OpenImage open = opened.isPresent() ? opened.get() : unopened(session, image, file, refusal);
      Check check = new Check(open, provider(session, open), file, repair, refusal, terminal);
      CheckReport report = check.run(given.has("q") || json);
      if (!given.has("q")) {
        terminal
            .out()
            .print(
                json
                    ? Json.pretty(CheckText.members(image.text(), open, report)) + "\n"
                    : CheckText.text(report));
      }
      return status(report);
    }
  }

  /** A refusal by the image's own format, about which the check has more to say. */
  private static CommandFailure refusalOfTheFormat(CommandFailure failure) throws CommandFailure {
    if (failure.getCause() instanceof ImageFormatException refusal && refusal.getCause() == null) {
      return failure;
    }
    throw failure;
  }

  private static OpenImage unopened(
      ImgSession session, ImageArgument image, BlockNode file, Optional<CommandFailure> refusal)
      throws CommandFailure, IOException {
    if (image.format().isPresent()) {
      return new OpenImage(image.text(), file, NodeSpec.of(image.format().get()));
    }
    try {
      String format = new Prober(session.images().drivers()).probe(file, image.text()).name();
      return new OpenImage(image.text(), file, NodeSpec.of(format));
    } catch (ImageFormatException e) {
      throw refusal.orElseThrow(); // it was refused for the same reason
    }
  }

  /** The image's format; what repairs it must not need it open. */
  private static FormatDriverProvider provider(ImgSession session, OpenImage image)
      throws CommandFailure {
    if (session.images().drivers().find(image.driverName()).orElseThrow()
        instanceof FormatDriverProvider format) {
      return format;
    }
    throw notSupported();
  }

  private static CommandFailure notSupported() {
    return new CommandFailure("This image format does not support checks")
        .withStatus(NOT_SUPPORTED);
  }

  private static Repair repair(Optional<String> word) throws UsageException {
    if (word.isEmpty()) {
      return Repair.NONE;
    }
    return switch (word.get()) {
      case "leaks" -> Repair.LEAKS;
      case "all" -> Repair.ALL;
      default ->
          throw new UsageException(
              "Unknown option value for -r (expecting 'leaks' or 'all'): " + word.get());
    };
  }

  private static int status(CheckReport report) {
    if (report.checkErrors() > 0) {
      return FAILED;
    }
    if (report.corruptions() > 0) {
      return CORRUPT;
    }
    return report.leaks() > 0 ? LEAKS : 0;
  }

  /**
   * One check, and after a repair another one, whose findings count.
   *
   * @param refusal why the image could not be opened, if it could not
   */
  private record Check(
      OpenImage image,
      FormatDriverProvider format,
      BlockNode file,
      Repair repair,
      Optional<CommandFailure> refusal,
      Terminal terminal) {
    CheckReport run(boolean quiet) throws CommandFailure {
      CheckReport first = run(repair);
      if (first.corruptionsFixed() == 0 && first.leaksFixed() == 0) {
        return first;
      }
      if (!quiet) {
        terminal.out().print(CheckText.repaired(first));
      }
      CheckReport second = run(Repair.NONE);
      return new CheckReport(
          second.imageEndOffset(),
          second.totalClusters(),
          second.allocatedClusters(),
          second.fragmentedClusters(),
          second.compressedClusters(),
          second.corruptions(),
          second.leaks(),
          first.corruptionsFixed(),
          first.leaksFixed(),
          second.checkErrors());
    }

    private CheckReport run(Repair mend) throws CommandFailure {
      try {
        return format.check(file, image.name(), mend, this::report);
      } catch (UnsupportedFeatureException e) {
        throw notSupported().causedBy(e);
      } catch (IOException e) {
        if (e instanceof ImageFormatException && refusal.isPresent()) {
          throw refusal.get();
        }
        throw new CommandFailure("Check failed: " + ErrorText.ofRequest(e)).causedBy(e);
      }
    }

    /** To QEMU, a finding because of which nothing can be checked is an error of its program. */
    private void report(String finding) {
      boolean error = UNREADABLE_SNAPSHOTS.stream().anyMatch(finding::startsWith);
      terminal.err().println((error ? "qemu-img: " : "") + finding);
    }
  }
}
