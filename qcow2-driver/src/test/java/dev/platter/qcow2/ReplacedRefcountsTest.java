package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a repair that writes all refcounts anew says of the clusters that held the old ones. */
class ReplacedRefcountsTest {
  private static final int CLUSTER_BYTES = 512;
  private static final String REPAIRING = "Repairing cluster ";

  @TempDir private Path folder;

  @Test
  void clustersThatATableNamesAgainAndAgainAreReportedAsQemuDoes() throws IOException {
    MemoryNode image = NewImages.create(2 << 20, "cluster_size=" + CLUSTER_BYTES);
    try (Qcow2Format format = Images.open(image.reopen())) {
      new DriverGuest(format).fill(0, 300 << 10, 7);
    }
    Qcow2Header header = HeaderCodec.decode("image", new ImageFile(image));
    long table = header.refcountTable().offset();
    long block = word(image, table);
    long l2Table = L1Entry.tableOffset(word(image, header.l1Table().offset()));
    long data = word(image, l2Table) & ~L2Entry.COPIED;
    int free = freeEntry(image, table);
    put(image, table + 8L * free, block); // for the second time
    put(image, table + 8L * (free + 1), block);
    put(image, table + 8L * (free + 2), data);
    put(image, table + 8L * (free + 3), block | 1); // no reference, as a reserved bit is set
    Path file = Qemu.save(image, folder.resolve("image.qcow2"));
    List<String> findings = new ArrayList<>();

    CheckReport mended = Qcow2Checker.check("image", image, Repair.ALL, findings::add);

    List<String> repairing = repairing(findings);
    assertThat(mended.clean()).isTrue();
    assertThat(repairing)
        .contains(
            REPAIRING + table / CLUSTER_BYTES + " refcount=1 reference=0",
            REPAIRING + block / CLUSTER_BYTES + " refcount=3 reference=0",
            REPAIRING + data / CLUSTER_BYTES + " refcount=2 reference=1");
    if (Qemu.installed()) {
      Qemu.Result theirs = Qemu.attempt("qemu-img", "check", "-r", "all", file.toString());
      assertThat(repairing).isEqualTo(repairing(theirs.output().lines().toList()));
    }
  }

  private static List<String> repairing(List<String> findings) {
    return findings.stream().filter(line -> line.startsWith(REPAIRING)).toList();
  }

  private static int freeEntry(MemoryNode image, long table) throws IOException {
    int index = 0;
    while (word(image, table + 8L * index) != 0) {
      index++;
    }
    return index;
  }

  @Test
  void tableOfAMillionEntriesTakesAFewBytesForEach() throws IOException {
    int entries = 1 << 20;
    TableLocation table = new TableLocation(0, 8 * entries / CLUSTER_BYTES);
    MemoryNode image = NewImages.create(1 << 20, "cluster_size=" + CLUSTER_BYTES);
    ClusterGeometry geometry = HeaderCodec.decode("image", new ImageFile(image)).geometry();
    ByteBuffer words = ByteBuffer.allocate(8 * entries);
    for (long i = 1; i <= entries; i++) {
      words.putLong(i * CLUSTER_BYTES);
    }
    MemoryNode tables = new MemoryNode("tables");
    tables.write(0, words.flip());
    StoredRefcounts stored = new StoredRefcounts(new ImageFile(tables), geometry, table);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    long before = threads.getCurrentThreadAllocatedBytes();
    new ReplacedRefcounts(table, stored, geometry, 2L * entries);
    long bytes = threads.getCurrentThreadAllocatedBytes() - before;

    assertThat(bytes).isBetween(8L * entries, 20L * entries);
  }

  private static long word(MemoryNode image, long offset) throws IOException {
    return new ImageFile(image).read(offset, Long.BYTES).getLong();
  }

  private static void put(MemoryNode image, long offset, long word) throws IOException {
    image.write(offset, ByteBuffer.allocate(Long.BYTES).putLong(word).flip());
  }
}
