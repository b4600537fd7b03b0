package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Qcow2CheckerTest {
  private static final long SEED = Long.getLong("platter.seed", 20160101L);
  private static final int IMAGES = Integer.getInteger("platter.check.images", 60);
  private static final Pattern JSON_NUMBER = Pattern.compile("\"([a-z-]+)\": (\\d+)");

  @TempDir Path folder;

  @Test
  void whatQemuWroteIsClean() throws Exception {
    Qemu.assumeInstalled();
    for (DamagedImages.Base base : DamagedImages.bases(folder)) {
      MemoryNode node = MemoryNode.of(base.name(), base.bytes());
      List<String> findings = new ArrayList<>();

      CheckReport report = Qcow2Checker.check(base.name(), node, Repair.NONE, findings::add);

      assertThat(findings).as(base.name()).isEmpty();
      assertThat(report.clean()).as(base.name()).isTrue();
      assertThat(numbers(report)).as(base.name()).isEqualTo(theirs(node));
    }
  }

  @Test
  void agreesWithQemuOnDamagedImages() throws Exception {
    Qemu.assumeInstalled();
    List<String> differences = new ArrayList<>();
    forEachDamagedImage(
        (what, node) -> {
          List<String> findings = new ArrayList<>();
          Map<String, Long> ours = check(node, Repair.NONE, findings);
          Map<String, Long> theirs = theirs(node);
          if (!ours.equals(theirs)) {
            differences.add(what + ": " + ours + " " + brief(findings) + ", QEMU: " + theirs);
          }
        });
    assertThat(differences).isEmpty();
  }

  @Test
  void mendsLeaksAsQemuDoes() throws Exception {
    Qemu.assumeInstalled();
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
    Qemu.assumeInstalled();
    List<String> differences = new ArrayList<>();
    forEachDamagedImage(
        (what, node) -> {
          List<Long> mapping = mapping(node);
          boolean theyMend = clean(theirs(node, "-r", "all"));
          List<String> findings = new ArrayList<>();
          Map<String, Long> ours = check(node, Repair.ALL, findings);
          Map<String, Long> after = theirs(node);
          boolean agrees = clean(ours) == clean(after) && (clean(ours) || !theyMend);
          if (!agrees || !mapping(node).equals(mapping)) {
            differences.add(what + ": " + ours + " " + brief(findings) + ", then " + after);
          }
        });
    assertThat(differences).isEmpty();
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
    List<DamagedImages.Base> bases = DamagedImages.bases(folder);
    for (int i = 0; i < IMAGES; i++) {
      long seed = SEED + i;
      Random random = new Random(seed);
      DamagedImages.Base base = bases.get(random.nextInt(bases.size()));
      MemoryNode node = DamagedImages.damage(base, random);
      test.accept("%s damaged with seed %d".formatted(base.name(), seed), node);
    }
  }

  private Map<String, Long> check(MemoryNode node, Repair repair, List<String> findings) {
    try {
      return numbers(Qcow2Checker.check(node.name(), node, repair, findings::add));
    } catch (IOException e) {
      findings.add(e.getMessage());
      return Map.of();
    }
  }

  private Map<String, Long> theirs(MemoryNode node, String... repair) {
    Path image = Qemu.save(node, folder.resolve("checked.qcow2"));
    List<String> arguments = new ArrayList<>(List.of("check", "-f", "qcow2", "--output=json"));
    arguments.addAll(List.of(repair));
    arguments.add(image.toString());
    Qemu.Result result = Qemu.attempt("qemu-img", arguments.toArray(String[]::new));
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
