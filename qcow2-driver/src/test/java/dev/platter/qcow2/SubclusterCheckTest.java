package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.error.CorruptImageException;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Damaged extended L2 entries: what the check says and mends, beside QEMU's. */
class SubclusterCheckTest {
  private static final int CLUSTER = 16384;
  private static final int RANDOM_DAMAGES = 12;
  private static final String EVERY_ALLOCATED_BIT = "00000000ffffffff";

  @TempDir static Path folder;
  private static MemoryNode sound;
  private static long table;

  private final long seed = Long.getLong("platter.seed", 20160101L);

  /**
   * Entries: 0 and 1 full, 2 in part, 3 compressed, 4 zeros in part of data, 5 zeros, 6 nothing.
   */
  @BeforeAll
  static void fillImage() throws IOException {
    Qemu.assumeInstalled();
    Path image = folder.resolve("sound.qcow2");
    Qemu.img(
        "create", "-q", "-f", "qcow2", "-o", "extended_l2=on,cluster_size=16k", image + "", "1M");
    Qemu.io(
        image,
        "write -P 1 0 32k",
        "write -P 2 36k 2k",
        "write -c -P 3 48k 16k",
        "write -P 4 64k 16k",
        "write -z 66k 4k",
        "write -z 80k 16k");
    sound = Qemu.node(image);
    Qcow2Header header = HeaderCodec.decode("sound", new ImageFile(sound));
    table = L1Entry.tableOffset(new ImageFile(sound).read(header.l1Table().offset(), 8).getLong());
  }

  @Test
  void soundImageIsClean() throws IOException {
    assertThat(findings(sound, Repair.NONE)).isEmpty();
    assertSame(sound, Repair.NONE);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "data and zeros at once,           0, 1, 0000000100000001",
    "data without a cluster,           5, 1, 0000000000000010",
    "bitmap of a compressed cluster,   3, 1, 0000000000000001",
    "data in an unaligned cluster,     0, 0, 8000000000014200",
    "no data in an unaligned cluster,  6, 0, 8000000000014200",
    "reserved bits,                    0, 0, 8100000000014000",
    "shared with another entry,        1, 0, 8000000000014000",
    "not said to be the only one,      0, 0, 0000000000014000",
    "all of a cluster that is leaked,  0, 0, 0000000000000000"
  })
  void damageIsFoundAndMendedAsQemuDoes(String name, int index, int word, String value)
      throws IOException {
    MemoryNode damaged = sound.copy();
    put(damaged, index, word, Long.parseUnsignedLong(value, 16));
    assertThat(findings(damaged, Repair.NONE)).as(name).isNotEmpty();
    for (Repair repair : Repair.values()) {
      assertSame(damaged, repair);
    }
  }

  /** What makes a standard cluster read as zeros is neither looked at nor complained of. */
  @Test
  void zeroBitOfTheFirstWordMeansNothing() throws IOException {
    MemoryNode damaged = sound.copy();
    put(damaged, 0, 0, word(damaged, 0, 0) | L2Entry.ZERO);
    assertSame(damaged, Repair.NONE);
    try (Qcow2Format format = Images.open(damaged)) {
      assertThat(new DriverGuest(format).read(0, CLUSTER)).containsOnly(1);
    }
  }

  @Test
  void randomDamageIsFoundAndMendedAsQemuDoes() throws IOException {
    Random random = new Random(seed);
    for (int i = 0; i < RANDOM_DAMAGES; i++) {
      MemoryNode damaged = sound.copy();
      for (int wound = 0; wound < 2; wound++) {
        int index = random.nextInt(8);
        int word = random.nextInt(2);
        long bit = 1L << random.nextInt(Long.SIZE);
        put(damaged, index, word, word(damaged, index, word) ^ bit);
      }
      assertSame(damaged, i % 2 == 0 ? Repair.NONE : Repair.ALL);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 0000000100000001", "6, 0000000000000010"})
  void contradictionEndsTheRequestThatMeetsItInQemusWords(int index, String bitmap)
      throws IOException {
    MemoryNode damaged = sound.copy();
    put(damaged, index, 1, Long.parseUnsignedLong(bitmap, 16));
    String message =
        "Invalid cluster entry found  (L2 offset: %s, L2 index: %s)"
            .formatted(Corruption.hex(table), Corruption.hex(index));
    try (Qcow2Format format = Images.open(damaged.copy())) {
      DriverGuest guest = new DriverGuest(format);
      assertThat(guest.read(CLUSTER, CLUSTER)).containsOnly(1);
      assertThatThrownBy(() -> guest.read((long) index * CLUSTER, 512))
          .isInstanceOf(CorruptImageException.class)
          .hasMessageContaining(message);
    }
    try (Qcow2Format format = Images.open(damaged.copy())) {
      assertThatThrownBy(() -> format.allocate((long) index * CLUSTER, 512))
          .hasMessageContaining(message);
    }
    Path image = Qemu.save(damaged, folder.resolve("contradiction.qcow2"));
    Qemu.Result theirs =
        Qemu.attempt("qemu-io", "-c", "read %d 512".formatted(index * CLUSTER), image.toString());
    assertThat(theirs.output()).contains(message);
  }

  /** A cluster of which everything was written does not say so of what was never there. */
  @Test
  void bitmapOfAnUnallocatedClusterIsCountedOnce() throws IOException {
    MemoryNode damaged = sound.copy();
    put(damaged, 6, 1, Long.parseUnsignedLong(EVERY_ALLOCATED_BIT, 16));
    assertThat(findings(damaged, Repair.NONE))
        .containsExactly("ERROR: Unallocated cluster has non-zero subcluster allocation map");
  }

  private void assertSame(MemoryNode image, Repair repair) throws IOException {
    MemoryNode ours = image.copy();
    List<String> findings = new ArrayList<>();
    CheckReport report = Qcow2Checker.check("image", ours, repair, findings::add);
    Path theirs = Qemu.save(image, folder.resolve("theirs.qcow2"));
    List<String> arguments = new ArrayList<>(List.of("check", "--output=json"));
    switch (repair) {
      case NONE -> {}
      case LEAKS -> arguments.addAll(List.of("-r", "leaks"));
      case ALL -> arguments.addAll(List.of("-r", "all"));
    }
    arguments.add(theirs.toString());
    Qemu.Result result = Qemu.attempt("qemu-img", arguments.toArray(String[]::new));
    String what = "seed %d, repair %s: %s".formatted(seed, repair, result.output());
    if (CheckNumbers.of(result).isEmpty()) { // it gave up, after what it has printed
      assertThat(report.clean()).as(what).isFalse();
      return;
    }
    assertThat(CheckNumbers.of(report)).as(what).isEqualTo(CheckNumbers.of(result));
    assertThat(findings).as(what).allSatisfy(line -> assertThat(result.output()).contains(line));
    if (repair != Repair.NONE) {
      assertThat(tableBytes(ours)).as(what).isEqualTo(tableBytes(Qemu.node(theirs)));
    }
  }

  private static List<String> findings(MemoryNode image, Repair repair) throws IOException {
    List<String> findings = new ArrayList<>();
    Qcow2Checker.check("image", image.copy(), repair, findings::add);
    return findings;
  }

  private static ByteBuffer tableBytes(MemoryNode image) throws IOException {
    return new ImageFile(image).read(table, CLUSTER);
  }

  private static long word(MemoryNode image, int index, int word) throws IOException {
    return new ImageFile(image).read(table + 16L * index + 8L * word, 8).getLong();
  }

  private static void put(MemoryNode image, int index, int word, long value) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(8).putLong(value).flip();
    new ImageFile(image).write(table + 16L * index + 8L * word, bytes);
  }
}
