package dev.platter.tools.img;

import dev.platter.api.BackingReference;
import dev.platter.api.BlockNode;
import dev.platter.api.error.Errno;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.conf.CacheMode;
import dev.platter.graph.ChainRebase;
import dev.platter.graph.FormatNode;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.Getopt;
import dev.platter.tools.Terminal;
import dev.platter.tools.UsageException;
import dev.platter.tools.image.ErrorText;
import dev.platter.tools.image.GateOption;
import dev.platter.tools.image.ImageArgument;
import dev.platter.tools.image.OpenImage;
import dev.platter.tools.image.OpenMode;
import dev.platter.tools.text.Progress;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@code rebase}: gives an image another backing file. */
final class RebaseCommand implements ImgCommand {
  private static final double STEP_PERCENT = 2;

  /** Formats and protocols that QEMU has: a header may name them. */
  private static final Set<String> QEMU_FORMATS =
      Set.of(
          "bochs",
          "cloop",
          "dmg",
          "ftp",
          "host_cdrom",
          "host_device",
          "http",
          "https",
          "iscsi",
          "luks",
          "nbd",
          "nfs",
          "parallels",
          "qcow",
          "qed",
          "rbd",
          "ssh",
          "vdi",
          "vhdx",
          "vmdk",
          "vpc",
          "vvfat");

  private static Getopt options() {
    return Getopt.of("hf:F:b:upt:T:qU")
        .withLong(GateOption.NAME, true)
        .withLong("object", true)
        .withLong("image-opts", false)
        .withLong("force-share", 'U');
  }

  @Override
  public int run(List<String> args, Terminal terminal)
      throws CommandFailure, UsageException, IOException {
    Getopt.Parsed given = options().parse(args);
    if (given.operands().size() != 1) {
      throw new UsageException("Expecting one image file name");
    }
    boolean unsafe = given.has("u");
    if (!unsafe && !given.has("b")) {
      throw new UsageException("Must specify backing file (-b) or use unsafe mode (-u)");
    }
    Progress progress = new Progress(terminal, given.has("p") && !given.has("q"), STEP_PERCENT);
    progress.at(0);
    try (ImgSession session = new ImgSession(terminal, given)) {
      rebase(session, given, unsafe, progress);
    } finally {
      progress.end();
    }
    return 0;
  }

  private static void rebase(
      ImgSession session, Getopt.Parsed given, boolean unsafe, Progress progress)
      throws CommandFailure {
    OpenMode source =
        OpenMode.READ
            .with(cache(given, "T", "Invalid source cache option: "))
            .sharing(given.has("U"));
    OpenMode target = OpenMode.WRITE.with(cache(given, "t", "Invalid cache option: "));
    ImageArgument argument = ImgSession.image(given, given.operands().getFirst());
    OpenImage image = session.openBelowFilters(argument, unsafe ? target.withoutBacking() : target);
    Optional<String> format = given.last("F");
    if (format.isPresent()
        && !QEMU_FORMATS.contains(format.get())
        && session.images().drivers().find(format.get()).isEmpty()) {
      throw new CommandFailure("Invalid format name: '" + format.get() + "'");
    }
    Optional<String> name = given.last("b").filter(text -> !text.isEmpty());
    if (!unsafe) {
      copyDifferences(session, image, backing(session, image, name, format, source), progress);
    }
    setBacking(image, name, format, given.last("b").orElse("(null)"));
    if (unsafe) {
      progress.at(Progress.percent(1, 1));
    }
  }

  private static CacheMode cache(Getopt.Parsed given, String option, String refusal)
      throws CommandFailure {
    String word = given.last(option).orElse("writeback");
    return ImgSession.cache(word, refusal + word);
  }

  private static Optional<BlockNode> backing(
      ImgSession session,
      OpenImage image,
      Optional<String> name,
      Optional<String> format,
      OpenMode mode)
      throws CommandFailure {
    if (name.isEmpty()) {
      return Optional.empty();
    }
    Optional<FormatNode> inChain = ChainNames.find(session.images().chainOf(image), name.get());
    if (inChain.isPresent()) {
      return Optional.of(inChain.get());
    }
    String path = BackingPath.of(image.fileName(), name.get());
    try {
      return Optional.of(session.images().open(ImageArgument.file(path, format), mode).node());
    } catch (IOException e) {
      throw ErrorText.failure("Could not open new backing file '" + name.get() + "': ", e);
    }
  }

  private static void copyDifferences(
      ImgSession session, OpenImage image, Optional<BlockNode> backing, Progress progress)
      throws CommandFailure {
    if (image.format().isEmpty()) {
      return;
    }
    try {
      session
          .images()
          .rebase(image.format().get(), backing)
          .copyDifferences((done, total) -> progress.at(Progress.percent(done, total)));
    } catch (IOException e) {
      throw new CommandFailure("Error while writing to COW image: " + ErrorText.ofRequest(e))
          .causedBy(e);
    }
  }

  private static void setBacking(
      OpenImage image, Optional<String> name, Optional<String> format, String shown)
      throws CommandFailure {
    String context = "Could not change the backing file to '%s': ".formatted(shown);
    if (name.isPresent() && format.isEmpty()) {
      throw new CommandFailure(context + "backing format must be specified");
    }
    try {
      if (image.format().isEmpty()) {
        throw new UnsupportedFeatureException("a protocol has no backing file");
      }
      ChainRebase.setReference(
          image.format().get(), name.map(file -> new BackingReference(file, format)));
    } catch (IOException e) {
      String reason =
          ErrorText.errno(e) == Errno.ENOSPC
              ? "No space left in the file header"
              : ErrorText.ofRequest(e);
      throw new CommandFailure(context + reason).causedBy(e);
    }
  }
}
