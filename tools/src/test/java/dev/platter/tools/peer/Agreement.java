package dev.platter.tools.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.BitmapFormat;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockBackend;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.DriverRegistry;
import dev.platter.graph.FormatNode;
import dev.platter.graph.Gates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Runs command lines with Platter and with QEMU's programs, each in a folder of its own. */
final class Agreement {
  private static final Program PLATTER = new PlatterProgram();
  private static final Program QEMU = new QemuProgram();
  private static final byte[] NO_INPUT = {};

  /** Goes by pieces of the host's file, so that it depends on where clusters lie. */
  private static final String MEASURE = "measure -O qcow2";

  private final Path place;
  private final Path ours;
  private final Path theirs;
  private final StringBuilder log;

  /**
   * Nothing was run yet.
   *
   * @param place an empty folder
   * @param log where each command line is added, to be shown if it fails
   */
  Agreement(Path place, StringBuilder log) throws IOException {
    this.place = place;
    this.ours = Files.createDirectory(place.resolve("ours"));
    this.theirs = Files.createDirectory(place.resolve("qemu"));
    this.log = log;
  }

  /** Runs a line with each program: both say the same, but for where things lie in the file. */
  void run(String line) {
    log.append("$ ").append(line).append('\n');
    String own = masked(result(PLATTER, line, ours), ours);
    Program.Result qemu = result(QEMU, line, theirs);
    assertSame(own, masked(qemu, theirs));
    if (isNewCopy(line) && qemu.status() == 0) {
      copyAgain(line);
    }
  }

  /** Whether a line copies an image into a new one by itself. */
  private static boolean isNewCopy(String line) {
    return line.startsWith("img convert")
        && line.contains(" -O qcow2 ")
        && !line.contains(" -n ")
        && !line.contains(" -B ");
  }

  /**
   * Platter copies QEMU's image too. Both copies are alike: as much is allocated, what is zero is
   * so in both, and a check says the same. Copies of different images need not be, as it depends on
   * the holes of the source where data ends.
   */
  private void copyAgain(String line) {
    String options = line.contains("encrypt.format") ? "key-secret" : "";
    result(PLATTER, line.replace("DIR/copy", "DIR/again"), theirs);
    String path = line.substring(line.lastIndexOf(' ') + 1);
    String copy = new RandomImage(path, "qcow2", 512, options, 0, false).argument();
    log.append("= Platter copies QEMU's image\n");
    for (String look : List.of("check", "map")) {
      String asked = "img " + look + " --output=json " + copy.replace("DIR/copy", "DIR/again");
      String own = masked(result(PLATTER, asked, theirs), theirs).replace("DIR/again", "DIR/copy");
      String qemu = "img " + look + " --output=json " + copy;
      assertSame(own, masked(result(PLATTER, qemu, theirs), theirs));
    }
  }

  /**
   * Each program reads the same from both images and says the same of each. Both images are equally
   * sound, laid out alike and described alike; but holes of a raw file are the host's affair, and
   * QEMU may {@linkplain RandomImage#isAllocatedOtherwise have allocated more}.
   */
  void ofImage(RandomImage image) {
    String name = Path.of(image.path()).getFileName().toString();
    if (!Files.exists(theirs.resolve(name))) {
      assertThat(ours.resolve(name)).doesNotExist();
      return;
    }
    String pair =
        RandomImage.pair(image, image)
            .replaceFirst("DIR", ours.toString())
            .replaceFirst("DIR", theirs.toString());
    log.append("= img compare ").append(pair).append('\n');
    for (Program program : List.of(PLATTER, QEMU)) {
      Program.Result compared = result(program, "img compare " + pair, place);
      assertThat(compared.out()).as(compared.toString()).isEqualTo("Images are identical.\n");
    }
    if (image.hasBitmaps() && image.isQcow2() && !image.isEncrypted()) {
      log.append("= bitmaps\n");
      assertSame(bitmaps(ours.resolve(name)), bitmaps(theirs.resolve(name)));
    }
    for (String look : List.of("check", "map", "info", MEASURE)) {
      String line = "img " + look + " --output=json " + image.argument();
      List<String> seen = new ArrayList<>();
      for (Path folder : List.of(ours, theirs)) {
        Program.Result own = result(PLATTER, line, folder);
        log.append("= ").append(line.replace("DIR", folder.getFileName().toString())).append('\n');
        assertSame(shown(own), shown(result(QEMU, line, folder)));
        seen.add(masked(own, folder));
      }
      boolean alike = image.isQcow2() && !image.isAllocatedOtherwise();
      if (look.equals("info") || (alike && !look.startsWith(MEASURE))) {
        log.append("= what each holds\n");
        assertSame(seen.getFirst(), seen.getLast());
      } else if (look.equals("check") && image.isQcow2()) {
        log.append("= how sound each is\n");
        assertSame(withoutCounts(seen.getFirst()), withoutCounts(seen.getLast()));
      }
    }
  }

  private static String withoutCounts(String check) {
    return check.replaceAll("(?m)^ *\"(allocated|compressed)-clusters\": \\d+,?\\R", "");
  }

  /** The pieces that each bitmap of an image says have changed, and whether it can be believed. */
  private static String bitmaps(Path file) {
    StringBuilder text = new StringBuilder();
    try (BlockGraph graph =
            BlockGraph.builder(DriverRegistry.discover()).gate(Gates.beside()).build();
        BlockNode disk = graph.open(readOnly(file))) {
      BlockNode image = disk instanceof BlockBackend backend ? backend.root() : disk;
      BitmapFormat format = (BitmapFormat) ((FormatNode) image).driver();
      for (BitmapFormat.BitmapInfo bitmap : format.bitmaps()) {
        text.append(bitmap).append('\n');
        if (bitmap.consistent()) {
          format.forEachDirty(
              bitmap.name(),
              (offset, length) -> text.append(offset).append('+').append(length).append('\n'));
        }
      }
      return text.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static NodeSpec readOnly(Path file) {
    return NodeSpec.of("qcow2")
        .with("read-only", "on")
        .withChild("file", NodeSpec.file(file.toString()));
  }

  /** Deletes what the sequence made. */
  void removeFiles() throws IOException {
    try (Stream<Path> files = Files.walk(place)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static Program.Result result(Program program, String line, Path folder) {
    List<String> words =
        Words.split(line).stream().map(word -> word.replace("DIR", folder.toString())).toList();
    try {
      return program.run(words, NO_INPUT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String masked(Program.Result result, Path folder) {
    String out = Masks.places(Masks.timesAndSizes(result.out(), folder.toString()));
    String err = Masks.timesAndSizes(result.err(), folder.toString());
    return shown(new Program.Result(out, err, result.status()));
  }

  private static String shown(Program.Result result) {
    return "%s-- standard error --\n%s-- exit status %d\n"
        .formatted(result.out(), result.err(), result.status());
  }

  /** Expects two equal texts, and shows no more than the lines in which they differ. */
  private static void assertSame(String own, String qemu) {
    List<String> ours = new ArrayList<>(own.lines().toList());
    List<String> theirs = new ArrayList<>(qemu.lines().toList());
    while (!ours.isEmpty() && !theirs.isEmpty() && ours.getFirst().equals(theirs.getFirst())) {
      ours.removeFirst();
      theirs.removeFirst();
    }
    while (!ours.isEmpty() && !theirs.isEmpty() && ours.getLast().equals(theirs.getLast())) {
      ours.removeLast();
      theirs.removeLast();
    }
    assertThat(String.join("\n", ours)).isEqualTo(String.join("\n", theirs));
  }
}
