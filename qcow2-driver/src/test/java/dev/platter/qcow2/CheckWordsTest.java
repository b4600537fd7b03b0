package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.driver.SnapshottableFormat.SnapshotRequest;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a check says of damage that reads do not notice. */
class CheckWordsTest {
  private static final int CLUSTER_BYTES = 4096;

  @TempDir private Path folder;
  private MemoryNode image;
  private Qcow2Header header;

  @BeforeEach
  void createImageWithACompressedCluster() throws IOException {
    image = NewImages.create(1 << 20, "cluster_size=" + CLUSTER_BYTES);
    try (Qcow2Format format = Images.open(image.reopen())) {
      DriverGuest guest = new DriverGuest(format);
      guest.fillCompressed(0, CLUSTER_BYTES, 7);
      guest.fill(CLUSTER_BYTES, CLUSTER_BYTES, 8);
    }
    header = HeaderCodec.decode("image", new ImageFile(image));
  }

  @Test
  void compressedClusterThatIsCalledWritableIsReportedAsQemuDoes() throws IOException {
    long entryOffset = L1Entry.tableOffset(word(header.l1Table().offset()));
    put(entryOffset, word(entryOffset) | L2Entry.COPIED);

    List<String> findings = findings();

    String words = "copied flag must never be set for compressed clusters";
    assertThat(findings).singleElement().asString().endsWith(words);
    if (Qemu.installed()) {
      String file = Qemu.save(image, folder.resolve("image.qcow2")).toString();
      assertThat(Qemu.attempt("qemu-img", "check", file).output()).contains(findings.getFirst());
    }
  }

  /** QEMU reads zeros there, and so does this driver: only a check tells. */
  @Test
  void l1TableBehindTheEndOfTheFileIsReported() throws IOException {
    put(40, 1L << 30);

    assertThat(findings())
        .anyMatch(
            finding -> finding.matches("ERROR: .* exceeding the end .* offset 0x40000000 .*"));
  }

  @Test
  void l2TableBehindTheEndOfTheFileIsReported() throws IOException {
    put(header.l1Table().offset(), L2Entry.COPIED | 1L << 55);

    assertThat(findings()).anyMatch(finding -> finding.contains("offset 0x80000000000000"));
  }

  /** Nothing keeps a data file's clusters for them. */
  @Test
  void snapshotsOfAnExternalDataFileAreReported() throws IOException {
    try (Qcow2Format format = Images.open(image.reopen())) {
      format.createSnapshot(SnapshotRequest.ofDisk("one", Instant.EPOCH));
    }
    put(72, FeatureBits.DATA_FILE);

    assertThat(findings()).contains("ERROR 1 snapshots in image with data file");
  }

  private List<String> findings() throws IOException {
    List<String> findings = new ArrayList<>();
    CheckReport report = Qcow2Checker.check("image", image, Repair.NONE, findings::add);
    assertThat(report.corruptions()).isPositive();
    return findings;
  }

  private long word(long offset) throws IOException {
    return new ImageFile(image).read(offset, Long.BYTES).getLong();
  }

  private void put(long offset, long word) throws IOException {
    image.write(offset, ByteBuffer.allocate(Long.BYTES).putLong(word).flip());
  }
}
