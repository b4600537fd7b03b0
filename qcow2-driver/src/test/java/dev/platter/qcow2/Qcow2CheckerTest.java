package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.BlockNode;
import dev.platter.api.Preallocation;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.tck.crash.PowerCuts;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.RecordingNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Qcow2CheckerTest {
  private static final long SEED = Long.getLong("platter.seed", 20160101L);
  private static final int IMAGES = Integer.getInteger("platter.check.images", 60);
  private static final int INTERRUPTED_REPAIRS = 12;
  private static final Pattern JSON_NUMBER = Pattern.compile("\"([a-z-]+)\": (\\d+)");

  private static final Pattern FINDING =
      Pattern.compile("ERROR|Leaked|Repairing|Rebuilding|Can't get|Use qemu-img amend");

  @TempDir static Path folder;
  private static List<DamagedImages.Base> bases;

  @BeforeAll
  static void fillImages() {
    Qemu.assumeInstalled();
    bases = DamagedImages.bases(folder);
  }

  @Test
  void whatQemuWroteIsClean() throws Exception {
    for (DamagedImages.Base base : bases) {
      MemoryNode node = base.node().copy();
      List<String> findings = new ArrayList<>();

      CheckReport report = Qcow2Checker.check(base.name(), node, Repair.NONE, findings::add);

      assertThat(findings).as(base.name()).isEmpty();
      assertThat(report.clean()).as(base.name()).isTrue();
      assertThat(numbers(report)).as(base.name()).isEqualTo(theirs(node));
    }
  }

  @Test
  void agreesWithQemuOnDamagedImages() throws Exception {
    List<String> differences = new ArrayList<>();
    forEachDamagedImage(
        (what, node) -> {
          List<String> findings = new ArrayList<>();
          Map<String, Long> ours = check(node, Repair.NONE, findings);
          Qemu.Result result = theirCheck(node);
          Map<String, Long> theirs = numbers(result);
          if (!ours.equals(theirs) || (!ours.isEmpty() && !findings.equals(lines(result)))) {
            findings.removeAll(lines(result));
            differences.add(what + ": " + ours + " " + brief(findings) + ", QEMU: " + theirs);
          }
        });
    assertThat(differences).isEmpty();
  }

  @Test
  void countingInSmallWindowsFindsAndMendsTheSame() throws Exception {
    List<String> differences = new ArrayList<>();
    forEachDamagedImage(
        (what, node) -> {
          for (Repair repair : Repair.values()) {
            MemoryNode wholeNode = node.copy();
            MemoryNode windowNode = node.copy();
            List<String> whole = new ArrayList<>();
            List<String> inWindows = new ArrayList<>();
            Map<String, Long> once = check(wholeNode, repair, whole);
            Map<String, Long> often = check(windowNode, repair, inWindows, smallestWindow(node));
            whole.sort(Comparator.naturalOrder());
            inWindows.sort(Comparator.naturalOrder());
            if (!once.equals(often)
                || !whole.equals(inWindows)
                || !Arrays.equals(wholeNode.bytes(), windowNode.bytes())) {
              differences.add(what + ", " + repair + ": " + once + " is not " + often);
            }
          }
        });
    assertThat(differences).isEmpty();
  }

  @Test
  void tableThatWasCutOffIsReported() throws Exception {
    MemoryNode node = NewImages.create(1L << 30, "cluster_size=4096");
    node.resize(node.size() - 100, Preallocation.OFF);
    List<String> findings = new ArrayList<>();

    CheckReport report = Qcow2Checker.check("cut", node, Repair.NONE, findings::add);

    assertThat(report.corruptions()).isEqualTo(1);
    assertThat(findings)
        .containsExactly(
            "ERROR active L1 table ends at 0x4000, behind the end of the file at 0x3f9c");
  }

  @Test
  void mendsLeaksAsQemuDoes() throws Exception {
    List<String> differences = new ArrayList<>();
    forEachDamagedImage(
        (what, node) -> {
          Map<String, Long> theirs = theirs(node, "-r", "leaks");
          List<String> findings = new ArrayList<>();
          Map<String, Long> ours = check(node, Repair.LEAKS, findings);
          if (!ours.equals(theirs)) {
            differences.add(what + ": " + ours + " " + brief(findings) + ", QEMU: " + theirs);
          }
        });
    assertThat(differences).isEmpty();
  }

  @Test
  void mendsAllThatQemuMendsAndTouchesNoMapping() throws Exception {
    List<String> differences = new ArrayList<>();
    forEachDamagedImage(
        (what, node) -> {
          List<Long> mapping = mapping(node);
          MemoryNode before = node.copy();
          List<String> findings = new ArrayList<>();
          Map<String, Long> ours = check(node, Repair.ALL, findings);
          Map<String, Long> after = theirs(node);
          boolean agrees = clean(ours) == clean(after);
          if (!clean(ours)) { // asked only then: QEMU can take minutes, and terabytes of holes
            agrees &= !clean(theirs(before, "-r", "all"));
          }
          if (!agrees || !mapping(node).equals(mapping)) {
            differences.add(what + ": " + ours + " " + brief(findings) + ", then " + after);
          }
        });
    assertThat(differences).isEmpty();
  }

  @Test
  void powerCutsDuringRepairsEndangerNothing() throws Exception {
    for (int i = 0; i < INTERRUPTED_REPAIRS; i++) {
      long seed = SEED + i;
      Random random = new Random(seed);
      MemoryNode before = DamagedImages.damage(bases.get(random.nextInt(bases.size())), random);
      RecordingNode recording = new RecordingNode(before.copy());
      Map<String, Long> mended = check(recording, Repair.ALL, new ArrayList<>());
      List<Long> mapping = mapping(before);
      PowerCuts.forEach(
          before,
          recording.log(),
          seed,
          cut -> {
            String what = "seed %d, %s".formatted(seed, cut.description());
            assertThat(mapping(cut.image())).as(what).isEqualTo(mapping);
            Map<String, Long> again = check(cut.image(), Repair.ALL, new ArrayList<>());
            assertThat(clean(again)).as(what).isEqualTo(clean(mended));
          });
    }
  }

  private static List<String> brief(List<String> findings) {
    return findings.size() < 6 ? findings : findings.subList(0, 6);
  }

  private static boolean clean(Map<String, Long> numbers) {
    return !numbers.isEmpty()
        && numbers.get("check-errors") == 0
        && !numbers.containsKey("corruptions")
        && !numbers.containsKey("leaks");
  }

  /** The entries of the active tables without what a repair may change: the COPIED flags. */
  private static List<Long> mapping(MemoryNode node) {
    ImageFile file = new ImageFile(node);
    Qcow2Header header;
    try {
      header = HeaderCodec.decode(node.name(), file);
    } catch (IOException e) {
      return List.of(); // the damage met the header
    }
    List<Long> entries = new ArrayList<>();
    try {
      ClusterGeometry geometry = header.geometry();
      LongBuffer l1 =
          file.read(header.l1Table().offset(), 8 * header.l1Table().count()).asLongBuffer();
      while (l1.hasRemaining()) {
        long l2Offset = L1Entry.tableOffset(l1.get());
        entries.add(l2Offset);
        if (l2Offset != 0) {
          LongBuffer l2 = file.read(l2Offset, geometry.clusterBytes()).asLongBuffer();
          while (l2.hasRemaining()) {
            entries.add(withoutFlag(l2.get(), geometry));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return entries;
  }

  private static long withoutFlag(long entry, ClusterGeometry geometry) {
    boolean givenUp =
        L2Entry.kind(entry) == L2Entry.Kind.ZERO_ALLOCATED
            && !geometry.aligned(L2Entry.clusterOffset(entry));
    return givenUp ? L2Entry.ZERO : entry & ~L2Entry.COPIED;
  }

  private void forEachDamagedImage(BiConsumer<String, MemoryNode> test) throws IOException {
    for (int i = 0; i < IMAGES; i++) {
      long seed = SEED + i;
      Random random = new Random(seed);
      DamagedImages.Base base = bases.get(random.nextInt(bases.size()));
      MemoryNode node = DamagedImages.damage(base, random);
      test.accept("%s damaged with seed %d".formatted(base.name(), seed), node);
    }
  }

  private static int smallestWindow(MemoryNode node) {
    try {
      return HeaderCodec.decode(node.name(), new ImageFile(node))
          .geometry()
          .refcountBlockEntryCount();
    } catch (IOException e) {
      return ReferenceCounts.WINDOW_CLUSTERS; // the damage met the header
    }
  }

  private Map<String, Long> check(BlockNode node, Repair repair, List<String> findings) {
    return check(node, repair, findings, ReferenceCounts.WINDOW_CLUSTERS);
  }

  private Map<String, Long> check(
      BlockNode node, Repair repair, List<String> findings, int windowClusters) {
    try {
      return numbers(Qcow2Checker.check(node.name(), node, repair, findings::add, windowClusters));
    } catch (IOException e) {
      findings.add(e.getMessage());
      return Map.of();
    }
  }

  private Map<String, Long> theirs(MemoryNode node, String... repair) {
    return numbers(theirCheck(node, repair));
  }

  private Qemu.Result theirCheck(MemoryNode node, String... repair) {
    Path image = Qemu.save(node, folder.resolve("checked.qcow2"));
    List<String> arguments = new ArrayList<>(List.of("check", "-f", "qcow2", "--output=json"));
    arguments.addAll(List.of(repair));
    arguments.add(image.toString());
    return Qemu.attempt("qemu-img", arguments.toArray(String[]::new));
  }

  /** What was said of single findings, without what is said about the image as a whole. */
  private static List<String> lines(Qemu.Result result) {
    return result
        .output()
        .replace("on the image file to fix.", "\n") // a warning that QEMU does not end
        .lines()
        .filter(line -> FINDING.matcher(line).lookingAt())
        .toList();
  }

  private static Map<String, Long> numbers(Qemu.Result result) {
    Map<String, Long> numbers = new LinkedHashMap<>();
    Matcher matcher = JSON_NUMBER.matcher(result.output());
    while (matcher.find()) {
      numbers.put(matcher.group(1), Long.valueOf(matcher.group(2)));
    }
    return numbers;
  }

  private static Map<String, Long> numbers(CheckReport report) {
    Map<String, Long> numbers = new LinkedHashMap<>();
    numbers.put("image-end-offset", report.imageEndOffset());
    putUnlessZero(numbers, "total-clusters", report.totalClusters());
    numbers.put("check-errors", report.checkErrors());
    putUnlessZero(numbers, "allocated-clusters", report.allocatedClusters());
    putUnlessZero(numbers, "fragmented-clusters", report.fragmentedClusters());
    putUnlessZero(numbers, "compressed-clusters", report.compressedClusters());
    putUnlessZero(numbers, "corruptions", report.corruptions());
    putUnlessZero(numbers, "leaks", report.leaks());
    putUnlessZero(numbers, "corruptions-fixed", report.corruptionsFixed());
    putUnlessZero(numbers, "leaks-fixed", report.leaksFixed());
    return numbers;
  }

  private static void putUnlessZero(Map<String, Long> numbers, String name, long number) {
    if (number != 0) {
      numbers.put(name, number);
    }
  }
}
