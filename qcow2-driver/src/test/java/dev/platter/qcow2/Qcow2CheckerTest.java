package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.BlockNode;
import dev.platter.api.Preallocation;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.tck.crash.PowerCuts;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.RecordingNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Qcow2CheckerTest {
  private static final long SEED = Long.getLong("platter.seed", 20160101L);
  private static final int IMAGES = Integer.getInteger("platter.check.images", 60);
  private static final int INTERRUPTED_REPAIRS = Integer.getInteger("platter.repair.images", 12);

  /** How long QEMU may take; where it fills terabytes of holes it does not repair in time. */
  private static final String REPAIR_SECONDS = "3";

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
      assertThat(CheckNumbers.of(report)).as(base.name()).isEqualTo(theirs(node));
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
          Map<String, Long> theirs = CheckNumbers.of(result);
          boolean agrees = theirs.isEmpty() ? !clean(ours) : ours.equals(theirs);
          if (!agrees || (!theirs.isEmpty() && !findings.equals(lines(result)))) {
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
          List<String> findings = new ArrayList<>();
          if (losesSnapshots(node)) {
            List<Long> mapping = ImageMapping.of(node);
            check(node, Repair.LEAKS, findings);
            assertThat(ImageMapping.keeps(node, mapping))
                .as("%s keeps its snapshots", what)
                .isTrue();
            return;
          }
          Map<String, Long> theirs = theirs(node, "-r", "leaks");
          Map<String, Long> ours = check(node, Repair.LEAKS, findings);
          boolean both = !ours.isEmpty() && !theirs.isEmpty();
          if (both ? !ours.equals(theirs) : clean(ours) || clean(theirs)) {
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
          List<Long> mapping = ImageMapping.of(node);
          MemoryNode before = node.copy();
          List<String> findings = new ArrayList<>();
          Map<String, Long> ours = check(node, Repair.ALL, findings);
          Map<String, Long> after = theirs(node);
          boolean agrees = clean(ours) == clean(after);
          if (!clean(ours) && !losesSnapshots(before)) { // QEMU can take minutes for some
            agrees &= !clean(theirs(before, "-r", "all"));
          }
          agrees &= !clean(ours) || clean(check(node, Repair.ALL, new ArrayList<>()));
          if (!agrees || !ImageMapping.keeps(node, mapping)) {
            differences.add(what + ": " + ours + " " + brief(findings) + ", then " + after);
          }
        });
    assertThat(differences).isEmpty();
  }

  @Test
  void snapshotTableIsMendedAsQemuMendsIt() throws Exception {
    DamagedImages.Base base =
        bases.stream().filter(image -> image.name().equals("snapshots")).findFirst().orElseThrow();
    Qcow2Header header = HeaderCodec.decode("image", new ImageFile(base.node()));
    long table = header.snapshotTable().offset();
    int entryBytes = 40 + 24 + "1".length() + "one".length() + 4;
    Map<String, Wound> wounds = new LinkedHashMap<>();
    wounds.put("too much extra data", node -> putInt(node, table + entryBytes + 36, 1025));
    wounds.put("absurdly much", node -> putInt(node, table + entryBytes + 36, -1));
    wounds.put("no extra data", node -> putInt(node, table + entryBytes + 36, 0));
    wounds.put("one more than there are", node -> putInt(node, 60, 3));
    for (Map.Entry<String, Wound> wound : wounds.entrySet()) {
      MemoryNode node = base.node().copy();
      wound.getValue().to(node);
      assertThat(check(node.copy(), Repair.NONE, new ArrayList<>()))
          .as(wound.getKey())
          .isEqualTo(theirs(node));
      List<String> findings = new ArrayList<>();

      Map<String, Long> ours = check(node, Repair.ALL, findings);

      assertThat(clean(ours)).as("%s: %s %s", wound.getKey(), ours, findings).isTrue();
      assertThat(clean(theirs(node))).as(wound.getKey()).isTrue();
      Path image = Qemu.save(node, folder.resolve("mended.qcow2"));
      assertThat(Qemu.img("snapshot", "-l", image.toString())).contains("one");
      assertThat(Qemu.attempt("qemu-img", "snapshot", "-a", "one", image.toString()).exitCode())
          .isZero();
    }
  }

  private interface Wound {
    void to(MemoryNode node) throws IOException;
  }

  private static void putInt(MemoryNode node, long offset, int value) throws IOException {
    node.write(offset, ByteBuffer.allocate(Integer.BYTES).putInt(value).flip());
  }

  /** QEMU 7.2 forgets them. */
  @Test
  void repairKeepsTheSnapshotsOfAnImageThatHasBitmapsAsWell() throws Exception {
    MemoryNode node =
        bases.stream()
            .filter(image -> image.name().equals("everything"))
            .findFirst()
            .orElseThrow()
            .node()
            .copy();
    List<Long> mapping = ImageMapping.of(node);
    for (Repair repair : Repair.values()) {
      assertThat(clean(check(node, repair, new ArrayList<>()))).isTrue();
      assertThat(ImageMapping.of(node)).isEqualTo(mapping);
    }
    assertThat(Qemu.img("snapshot", "-l", Qemu.save(node, folder.resolve("kept.qcow2")).toString()))
        .contains("one", "two", "a third one");
  }

  @Test
  void powerCutsDuringRepairsEndangerNothing() throws Exception {
    long stateCount = 0;
    for (int i = 0; i < INTERRUPTED_REPAIRS; i++) {
      long seed = SEED + i;
      Random random = new Random(seed);
      MemoryNode damaged = DamagedImages.damage(bases.get(random.nextInt(bases.size())), random);
      boolean mendable = clean(check(damaged.copy(), Repair.ALL, new ArrayList<>()));
      stateCount += cutDuring(Repair.LEAKS, damaged, mendable, seed);
      stateCount += cutDuring(Repair.ALL, damaged, mendable, seed);
    }
    System.out.printf(
        "cuts during repairs of damage: %d images, %,d states, 0 failures, seed %d%n",
        INTERRUPTED_REPAIRS, stateCount, SEED);
    assertThat(stateCount).isGreaterThan(INTERRUPTED_REPAIRS);
  }

  /** Every entry is there still; a second repair ends what the first began, and a third is idle. */
  private long cutDuring(Repair repair, MemoryNode damaged, boolean mendable, long seed)
      throws IOException {
    RecordingNode recording = new RecordingNode(damaged.copy());
    check(recording, repair, new ArrayList<>());
    List<Long> mapping = ImageMapping.of(damaged);
    return PowerCuts.forEach(
        damaged,
        recording.changes(),
        seed,
        cut -> {
          String what = "repair %s, seed %d, %s".formatted(repair, seed, cut.description());
          assertThat(ImageMapping.keeps(cut.image(), mapping)).as(what).isTrue();
          check(cut.image(), Repair.ALL, new ArrayList<>());
          if (mendable) {
            List<String> findings = new ArrayList<>();
            assertThat(clean(check(cut.image(), Repair.ALL, findings))).as(what).isTrue();
            assertThat(findings).as(what).isEmpty();
            Images.open(opening(cut.image())).close();
          }
        });
  }

  private static TestOpening opening(MemoryNode image) throws IOException {
    TestOpening opening = TestOpening.of(image.reopen());
    return namesDataFile(image)
        ? opening.withChild(GuestData.ROLE, new MemoryNode("data"))
        : opening;
  }

  /**
   * QEMU 7.2 writes the header of some images anew before it repairs them, and forgets the
   * snapshots doing so: where there are autoclear bits, or bitmaps whose bit is gone.
   */
  private static boolean losesSnapshots(MemoryNode node) {
    ByteBuffer header = ByteBuffer.wrap(node.bytes());
    return header.getInt(60) != 0 && (header.getLong(88) != 0 || namesBitmaps(header));
  }

  private static boolean namesBitmaps(ByteBuffer header) {
    for (int at = HeaderCodec.V3_BYTES; at < 1 << header.getInt(20); at += Long.BYTES) {
      if (header.getInt(at) == HeaderExtension.BITMAPS) {
        return true;
      }
    }
    return false;
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
      return CheckNumbers.of(
          Qcow2Checker.check(node.name(), node, repair, findings::add, windowClusters));
    } catch (IOException e) {
      findings.add(e.getMessage());
      return Map.of();
    }
  }

  private Map<String, Long> theirs(MemoryNode node, String... repair) {
    return CheckNumbers.of(theirCheck(node, repair));
  }

  private Qemu.Result theirCheck(MemoryNode node, String... repair) {
    Path image = Qemu.save(node, folder.resolve("checked.qcow2"));
    List<String> arguments = new ArrayList<>(List.of("check", "--output=json", "--image-opts"));
    arguments.addAll(List.of(repair));
    String options = "driver=qcow2,file.filename=" + image;
    arguments.add(namesDataFile(node) ? options + DamagedImages.dataFile(folder) : options);
    arguments.addAll(0, List.of(REPAIR_SECONDS, "qemu-img"));
    return Qemu.attempt("timeout", arguments.toArray(String[]::new));
  }

  /** Its name in the header may be damaged: what is checked is what refers to it. */
  private static boolean namesDataFile(MemoryNode node) {
    try {
      return HeaderCodec.decodeToCheck(node.name(), new ImageFile(node)).features().dataFile();
    } catch (IOException e) {
      return false; // the damage met the header
    }
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

  /** An L2 table would lie where the new refcount structures were put. */
  @Test
  void rebuildPutsNothingWhereTheImageRefersBehindTheEndOfItsFile() throws IOException {
    MemoryNode node = NewImages.create(1 << 18, "cluster_size=2k", "preallocation=metadata");
    node.resize(4 * 2048, Preallocation.OFF); // behind the L1 table, before the L2 tables
    node.write(2 * 2048, new byte[2048]); // the refcount block
    Qcow2DriverProvider provider = new Qcow2DriverProvider();

    CheckReport mended = provider.check(node, node.name(), Repair.ALL, _ -> {});

    assertThat(mended.clean()).as("%s", mended).isTrue();
    try (Qcow2Format format = Images.open(node.reopenReadOnly())) {
      assertThat(new DriverGuest(format).read(0, 1 << 18)).containsOnly(0);
    }
  }
}
