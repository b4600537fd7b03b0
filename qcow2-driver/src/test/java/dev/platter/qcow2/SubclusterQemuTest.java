package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.spec.GenericOptions;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.DriverRegistry;
import dev.platter.graph.Gates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Random requests to images with extended L2 entries, ours and QEMU's: afterwards both hold the
 * same, are allocated alike, are sound, and either program goes on with the other's image.
 */
class SubclusterQemuTest {
  private static final int STEPS = 40;
  private static final int SECTOR = 512;
  private static final Pattern EXTENT =
      Pattern.compile(
          "\"start\": (\\d+).*\"depth\": (\\d+), \"present\": (\\w+).*\"data\": (\\w+)");

  private final long seed = Long.getLong("platter.seed", System.nanoTime());
  private final Random random = new Random(seed);
  @TempDir private Path folder;

  /** One request, in sectors. */
  private record Step(String command, long sector, long count, int value) {}

  @BeforeEach
  void requireQemu() {
    Qemu.assumeInstalled();
  }

  @ParameterizedTest
  @CsvSource({
    "16384, none, 40, 7",
    "65536, raw, 20, 0",
    "32768, qcow2, 30, 3",
    "2097152, extended, 5, 9",
    "65536, compressed, 12, 0",
    "16384, data, 40, 7",
    "65536, raw data, 20, 0"
  })
  void bothProgramsWriteTheSameImages(int clusterBytes, String base, int clusters, int odd)
      throws IOException {
    long sectors = (long) clusters * clusterBytes / SECTOR + odd;
    List<Step> steps = steps(sectors, clusterBytes / 32 / SECTOR);
    Path ours = create("ours", clusterBytes, base, sectors);
    Path theirs =
        base.endsWith("data")
            ? create("theirs", clusterBytes, base, sectors)
            : Files.copy(ours, folder.resolve("theirs"));

    perform(ours, steps);
    performByQemu(theirs, steps);

    assertAlike(ours, theirs, base.equals("compressed"));
    List<Step> more = steps(sectors, clusterBytes / 32 / SECTOR);
    perform(theirs, more);
    performByQemu(ours, more);
    assertAlike(ours, theirs, true);
    if (base.equals("raw data")) {
      String[] compare = {"compare", "-f", "raw", "-F", "qcow2", ours + ".data", ours + ""};
      assertThat(Qemu.img(compare)).contains("Images are identical.");
    }
  }

  private Path create(String name, int clusterBytes, String base, long sectors) throws IOException {
    Path image = folder.resolve(name);
    String size = Long.toString(sectors * SECTOR);
    String options = "extended_l2=on,cluster_size=" + clusterBytes;
    if (base.endsWith("data")) {
      options += ",data_file=" + image + ".data";
      options += base.equals("raw data") ? ",data_file_raw=on" : "";
    }
    if (base.equals("none") || base.endsWith("data")) {
      Qemu.img("create", "-q", "-f", "qcow2", "-o", options, image.toString(), size);
      return image;
    }
    Path raw = folder.resolve("raw");
    byte[] bytes = new byte[(int) (sectors * SECTOR * 3 / 4)];
    Arrays.fill(bytes, 0, bytes.length / 2, (byte) 1);
    Arrays.fill(bytes, bytes.length * 2 / 3, bytes.length, (byte) 2);
    Files.write(raw, bytes);
    Path below = folder.resolve("below");
    String format = base.equals("raw") ? "raw" : "qcow2";
    switch (base) {
      case "raw" -> below = raw;
      case "qcow2" -> Qemu.img("convert", "-O", "qcow2", raw.toString(), below.toString());
      case "extended" -> {
        Qemu.img("convert", "-O", "qcow2", "-o", "extended_l2=on", raw.toString(), below + "");
      }
      case "compressed" -> {
        Qemu.img("convert", "-c", "-O", "qcow2", "-o", options, raw.toString(), image.toString());
        Qemu.img("resize", "-q", image.toString(), size);
        return image;
      }
      default -> throw new IllegalArgumentException(base);
    }
    String[] create = {
      "create", "-q", "-f", "qcow2", "-o", options, "-b", below + "", "-F", format, image + "", size
    };
    Qemu.img(create);
    return image;
  }

  /** Requests anywhere; zeros by the subcluster, since what else they do is left to programs. */
  private List<Step> steps(long sectors, int subcluster) {
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < STEPS; i++) {
      String command = List.of("write", "write", "zero", "unmap", "discard").get(random.nextInt(5));
      boolean aligned = command.equals("zero") || command.equals("unmap");
      long sector = random.nextLong(sectors);
      long count = 1 + random.nextLong(Math.min(sectors - sector, subcluster * 40L));
      if (aligned) {
        sector -= sector % subcluster;
        count = Math.min(sectors - sector, Math.ceilDiv(count, subcluster) * (long) subcluster);
      }
      steps.add(new Step(command, sector, count, 3 + random.nextInt(250)));
    }
    return steps;
  }

  private static void perform(Path image, List<Step> steps) throws IOException {
    try (BlockGraph graph = graph();
        BlockNode node = graph.open(spec(image))) {
      for (Step step : steps) {
        long offset = step.sector() * SECTOR;
        long length = step.count() * SECTOR;
        switch (step.command()) {
          case "write" -> {
            byte[] bytes = new byte[(int) length];
            Arrays.fill(bytes, (byte) step.value());
            node.write(offset, bytes);
          }
          case "zero" -> node.writeZeroes(offset, length, ZeroMode.KEEP_ALLOCATED);
          case "unmap" -> node.writeZeroes(offset, length, ZeroMode.MAY_UNMAP);
          default -> node.discard(offset, length);
        }
      }
      node.flush();
    }
  }

  /** A graph whose images may name data files beside them. */
  private static BlockGraph graph() {
    return BlockGraph.builder(DriverRegistry.discover()).gate(Gates.beside()).build();
  }

  private static NodeSpec spec(Path image) {
    return NodeSpec.of("qcow2")
        .with(GenericOptions.DISCARD.name(), "unmap")
        .withChild("file", NodeSpec.file(image.toString()));
  }

  private static void performByQemu(Path image, List<Step> steps) {
    List<String> arguments = new ArrayList<>(List.of("-d", "unmap"));
    for (Step step : steps) {
      String range = " %d %d".formatted(step.sector() * SECTOR, step.count() * SECTOR);
      arguments.add("-c");
      arguments.add(
          switch (step.command()) {
                case "write" -> "write -P " + step.value();
                case "zero" -> "write -z";
                case "unmap" -> "write -z -u";
                default -> "discard";
              }
              + range);
    }
    arguments.add(image.toString());
    Qemu.Result result = Qemu.attempt("qemu-io", arguments.toArray(String[]::new));
    assertThat(result.exitCode()).as(result.output()).isZero();
  }

  /**
   * @param contentsOnly whether how they are allocated may differ: it depends on what the last
   *     program made of a compressed cluster
   */
  private void assertAlike(Path ours, Path theirs, boolean contentsOnly) throws IOException {
    String what = "-Dplatter.seed=" + seed;
    for (Path image : List.of(ours, theirs)) {
      assertThat(Qemu.attempt("qemu-img", "check", image.toString()).output())
          .as(what)
          .contains("No errors were found");
      assertSound(image);
      assertThat(extents(image)).as(what).isEqualTo(Qemu.img("map", "--output=json", image + ""));
    }
    assertThat(Qemu.img("compare", ours.toString(), theirs.toString()))
        .as(what)
        .contains("Images are identical.");
    if (!contentsOnly) {
      assertThat(allocation(ours)).as(what).isEqualTo(allocation(theirs));
    }
  }

  private static void assertSound(Path image) throws IOException {
    List<String> findings = new ArrayList<>();
    Qcow2Checker.check(image.toString(), Qemu.node(image), Repair.NONE, findings::add);
    assertThat(findings).isEmpty();
  }

  /**
   * What each part of the disk is, whichever of the bytes that are stored are holes of the file:
   * that is up to how much a program writes at once.
   */
  private static List<String> allocation(Path image) {
    List<String> parts = new ArrayList<>();
    Matcher extents = EXTENT.matcher(Qemu.img("map", "--output=json", image.toString()));
    String last = "";
    while (extents.find()) {
      boolean data = extents.group(4).equals("true");
      String what =
          "depth %s, %s".formatted(extents.group(2), data ? "data" : "present " + extents.group(3));
      if (!what.equals(last)) {
        parts.add("from %s: %s".formatted(extents.group(1), what));
      }
      last = what;
    }
    return parts;
  }

  /** The extents as {@code qemu-img map} prints them. */
  private static String extents(Path image) throws IOException {
    List<Extent> extents = new ArrayList<>();
    try (BlockGraph graph = graph();
        BlockNode node = graph.open(spec(image).with(GenericOptions.READ_ONLY.name(), "on"))) {
      for (long at = 0; at < node.size(); at += extents.getLast().length()) {
        Extent next = node.extent(at, node.size() - at);
        if (!extents.isEmpty() && extents.getLast().continuedBy(next)) {
          Extent last = extents.removeLast();
          extents.add(last.at(last.offset(), last.length() + next.length()));
          at -= last.length();
        } else {
          extents.add(next);
        }
      }
    }
    return extents.stream()
        .map(SubclusterQemuTest::line)
        .collect(Collectors.joining(",\n", "[", "]\n"));
  }

  private static String line(Extent extent) {
    return "{ \"start\": %d, \"length\": %d, \"depth\": %d, \"present\": %s, \"zero\": %s, \"data\": %s%s}"
        .formatted(
            extent.offset(),
            extent.length(),
            extent.depth(),
            extent.present(),
            extent.zero(),
            extent.data(),
            extent.hostOffset().isPresent()
                ? ", \"offset\": " + extent.hostOffset().getAsLong()
                : "");
  }
}
