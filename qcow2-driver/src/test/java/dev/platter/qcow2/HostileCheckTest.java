package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.Preallocation;
import dev.platter.api.driver.Allocation;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Small images that name the same tables so often that a check which followed each name would take
 * years. The timeout tells whether one does.
 */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileCheckTest {
  private static final int L1_ENTRIES = 1 << 20;
  private static final int L1_SIZE_OFFSET = 36;
  private static final int L1_OFFSET_OFFSET = 40;
  private static final int SNAPSHOT_COUNT_OFFSET = 60;
  private static final int BITMAPS_MAGIC = 0x23852875;

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(value = Repair.class, names = "LEAKS", mode = EnumSource.Mode.EXCLUDE)
  void aMillionL1EntriesThatNameOneTable(Repair repair) throws IOException {
    MemoryNode node = filled(65536);
    repeatFirstL1Entry(node, L1_ENTRIES);

    CheckReport report = check(node, repair);

    assertThat(report.allocatedClusters()).isEqualTo(8192L * L1_ENTRIES);
    assertThat(report.corruptions()).isPositive();
  }

  @ParameterizedTest
  @EnumSource(value = Repair.class, names = "LEAKS", mode = EnumSource.Mode.EXCLUDE)
  void snapshotsWhoseL1TablesOverlap(Repair repair) throws IOException {
    MemoryNode node = filled(65536);
    long l1 = repeatFirstL1Entry(node, L1_ENTRIES);
    addSnapshots(node, HeaderRules.MAXIMUM_SNAPSHOTS, l1, L1_ENTRIES, 128);

    assertThat(check(node, repair).corruptions()).isPositive();
  }

  @ParameterizedTest
  @EnumSource(value = Repair.class, names = "LEAKS", mode = EnumSource.Mode.EXCLUDE)
  void bitmapsThatShareATable(Repair repair) throws IOException {
    Qemu.assumeInstalled();
    MemoryNode node = bitmaps(65535, 8192, 65536);

    assertThat(check(node, repair).corruptions()).isPositive();
  }

  @Test
  void tableThatIsNamedOftenIsJudgedAsQemuJudgesIt() throws IOException {
    Qemu.assumeInstalled();
    MemoryNode node = filled(4096);
    repeatFirstL1Entry(node, 20_000);
    assertJudgedAsQemuDoes(node);
    long l2 = L1Entry.tableOffset(word(node, word(node, L1_OFFSET_OFFSET)));
    put(node, l2, word(node, l2) | 0x10);
    put(node, l2 + 8, word(node, l2 + 8) + 512);
    put(node, l2 + 16, (word(node, l2 + 16) + 512) | L2Entry.ZERO);
    put(node, l2 + 24, L2Entry.COPIED | L2Entry.compressed(1 << 20, 100, 12));
    put(node, l2 + 32, L2Entry.normal(1L << 40));
    assertJudgedAsQemuDoes(node);
  }

  @Test
  void l1TableThatIsSharedIsJudgedAsQemuJudgesIt() throws IOException {
    Qemu.assumeInstalled();
    MemoryNode node = filled(4096);
    long l1 = repeatFirstL1Entry(node, 10);
    put(node, l1 + 24, word(node, l1 + 24) | 0x20);
    addSnapshots(node, 300, l1, 1 << 17, 3);
    assertJudgedAsQemuDoes(node);
  }

  /** QEMU's verdict with its numbers, where it gives any. */
  private void assertJudgedAsQemuDoes(MemoryNode node) throws IOException {
    Path image = Qemu.save(node, folder.resolve("judged.qcow2"));
    Qemu.Result result =
        Qemu.attempt("qemu-img", "check", "-f", "qcow2", "--output=json", image.toString());
    assertThat(CheckNumbers.of(check(node, Repair.NONE))).isEqualTo(CheckNumbers.of(result));
  }

  private static CheckReport check(MemoryNode node, Repair repair) throws IOException {
    return Qcow2Checker.check("hostile", node, repair, line -> {});
  }

  /** An image whose first table is full. */
  private static MemoryNode filled(int clusterBytes) throws IOException {
    MemoryNode node = NewImages.create(1L << 30, "cluster_size=" + clusterBytes);
    try (Qcow2Format format = Images.open(node)) {
      ByteBuffer one = ByteBuffer.allocate(8).putLong(1).flip();
      for (int i = 0; i < clusterBytes / 8; i++) {
        try (Allocation allocation = format.allocate((long) i * clusterBytes, clusterBytes)) {
          format.data().write(allocation.hostOffset(), one.duplicate());
          allocation.commit();
        }
      }
    }
    return node.reopen();
  }

  /** Puts a longer L1 table behind the file, with many entries that are as the first. */
  private static long repeatFirstL1Entry(MemoryNode node, int times) throws IOException {
    long first = word(node, word(node, L1_OFFSET_OFFSET));
    long offset = (node.size() + (2 << 20)) & -(2L << 20);
    ByteBuffer table = ByteBuffer.allocate(8 * times);
    while (table.hasRemaining()) {
      table.putLong(first);
    }
    node.resize(offset + 2 * HeaderRules.MAXIMUM_L1_BYTES, Preallocation.OFF);
    node.write(offset, table.flip());
    node.write(L1_SIZE_OFFSET, ByteBuffer.allocate(4).putInt(Math.max(times, 1024)).flip());
    put(node, L1_OFFSET_OFFSET, offset);
    return offset;
  }

  /** Adds snapshots with L1 tables that begin at one of several clusters. */
  private static void addSnapshots(MemoryNode node, int count, long l1, int entries, int places)
      throws IOException {
    int clusterBytes = HeaderCodec.decode("image", new ImageFile(node)).geometry().clusterBytes();
    long offset = (node.size() + (2 << 20)) & -(2L << 20);
    ByteBuffer table = ByteBuffer.allocate(72 * count);
    for (int i = 0; i < count; i++) {
      table.putLong(l1 + (long) clusterBytes * (i % places)).putInt(entries);
      table.putShort((short) 1).position(i * 72 + 36).putInt(24);
      table.putLong(0).putLong(1 << 30).putLong(-1).put((byte) '1').position((i + 1) * 72);
    }
    node.write(offset, table.flip());
    node.write(SNAPSHOT_COUNT_OFFSET, ByteBuffer.allocate(4).putInt(count).flip());
    put(node, SNAPSHOT_COUNT_OFFSET + 4, offset);
  }

  /** An image whose bitmaps all have one table. */
  private MemoryNode bitmaps(int count, int tableEntries, int clusterBytes) throws IOException {
    Path image = folder.resolve("bitmaps.qcow2");
    String options = "cluster_size=" + clusterBytes;
    Qemu.img("create", "-q", "-f", "qcow2", "-o", options, image.toString(), "1G");
    Qemu.img("bitmap", "--add", image.toString(), "b");
    MemoryNode node = Qemu.node(image);
    long directory = (node.size() + (2 << 20)) & -(2L << 20);
    ByteBuffer entries = ByteBuffer.allocate(32 * count);
    ByteBuffer table = ByteBuffer.allocate(8 * tableEntries);
    for (int i = 0; i < tableEntries; i++) {
      table.putLong(i % 7 == 0 ? 0x10 : (long) clusterBytes * (i % 4));
    }
    long tableOffset = directory + (4 << 20);
    for (int i = 0; i < count; i++) {
      entries.putLong(tableOffset).putInt(tableEntries).putInt(0).put((byte) 1).put((byte) 9);
      entries.putShort((short) 1).putInt(0).put((byte) 'b').position((i + 1) * 32);
    }
    node.write(directory, entries.flip());
    node.write(tableOffset, table.flip());
    ByteBuffer header = new ImageFile(node).read(0, 4096);
    int extension = header.getInt(100);
    while (header.getInt(extension) != BITMAPS_MAGIC) {
      extension += 8 + ((header.getInt(extension + 4) + 7) & -8);
    }
    header.putInt(extension + 8, count).putLong(extension + 16, 32L * count);
    node.write(0, header.putLong(extension + 24, directory));
    return node;
  }

  private static long word(MemoryNode node, long offset) throws IOException {
    return new ImageFile(node).read(offset, 8).getLong();
  }

  private static void put(MemoryNode node, long offset, long word) throws IOException {
    node.write(offset, ByteBuffer.allocate(8).putLong(word).flip());
  }
}
