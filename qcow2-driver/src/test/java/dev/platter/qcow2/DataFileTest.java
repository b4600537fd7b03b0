package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.Preallocation;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.ImageCreation;
import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.error.CorruptImageException;
import dev.platter.api.error.ImageFormatException;
import dev.platter.api.option.OptionValue;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.Operation;
import dev.platter.tck.fake.RecordingNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images whose guest data lies in an external data file. */
class DataFileTest {
  private static final int CLUSTER = 512;
  private static final int DISK = 200 * CLUSTER;
  private static final long SEED = Long.getLong("platter.seed", 4711L);

  @TempDir Path folder;

  private final MemoryNode data = new MemoryNode("data");
  private final Qcow2DriverProvider provider = new Qcow2DriverProvider();

  @Test
  void guestBytesLieAtTheirOwnOffsets() throws Exception {
    MemoryNode image = create(false);
    try (FormatDriver format = open(image)) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(0, 100, 1);
      guest.fill(10 * CLUSTER + 5, 3 * CLUSTER, 2);

      assertThat(format.map(0, CLUSTER)).isEqualTo(new Mapping.Data(0, CLUSTER, true));
      assertThat(format.map(CLUSTER, CLUSTER)).isInstanceOf(Mapping.Backing.class);
      assertThat(read(data, 0, 100)).containsOnly(1);
      assertThat(read(data, 10 * CLUSTER + 5, 3 * CLUSTER)).containsOnly(2);
      assertThat(data.size()).isEqualTo(DISK);
    }
    try (FormatDriver format = open(image)) {
      assertThat(new DriverGuest(format).read(0, 100)).containsOnly(1);
    }
    checkClean(image);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anySequenceOfRequestsReadsBackAsAnArrayWould(boolean raw) throws Exception {
    Random random = new Random(SEED);
    MemoryNode image = create(raw);
    byte[] model = new byte[DISK];
    for (int round = 0; round < 6; round++) {
      try (FormatDriver format = open(image)) {
        DriverGuest guest = new DriverGuest(format);
        for (int step = 0; step < 60; step++) {
          request(random, guest, model);
        }
        assertThat(guest.read(0, DISK)).as("seed %d, round %d", SEED, round).isEqualTo(model);
      }
      checkClean(image);
      if (raw) {
        assertThat(read(data, 0, DISK)).as("seed %d, round %d", SEED, round).isEqualTo(model);
      }
    }
  }

  private static void request(Random random, DriverGuest guest, byte[] model) throws IOException {
    int offset = random.nextInt(DISK - 1);
    int length = 1 + random.nextInt(Math.min(5 * CLUSTER, DISK - offset));
    if (random.nextInt(3) > 0) {
      byte value = (byte) (1 + random.nextInt(100));
      guest.fill(offset, length, value);
      Arrays.fill(model, offset, offset + length, value);
    } else {
      int start = offset / CLUSTER * CLUSTER;
      int end = Math.min(DISK, (offset + length + CLUSTER - 1) / CLUSTER * CLUSTER);
      ReleaseMode mode = random.nextBoolean() ? ReleaseMode.ZERO_KEEP : ReleaseMode.ZERO_UNMAP;
      guest.release(start, end - start, mode);
      Arrays.fill(model, start, end, (byte) 0);
    }
  }

  @Test
  void dataIsDurableBeforeTheEntryThatShowsIt() throws Exception {
    MemoryNode image = create(false);
    List<String> log = new ArrayList<>();
    RecordingNode imageLog = new RecordingNode(image, operation -> note(log, "image", operation));
    RecordingNode dataLog = new RecordingNode(data, operation -> note(log, "data", operation));
    try (FormatDriver format = provider.open(opening(imageLog, dataLog))) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(0, CLUSTER, 1);
      format.flush();
      log.clear();
      guest.fill(CLUSTER, CLUSTER, 2);
      format.flush();
    }
    int written = log.indexOf("data Write");
    int durable = log.indexOf("data Flush");
    int shown = log.indexOf("image Write");
    assertThat(written).isGreaterThanOrEqualTo(0).isLessThan(durable);
    assertThat(durable).isLessThan(shown);
  }

  private static void note(List<String> log, String node, Operation operation) {
    log.add(node + " " + operation.getClass().getSimpleName());
  }

  @Test
  void entriesThatLeadElsewhereAreDamage() throws Exception {
    MemoryNode image = create(true);
    Qcow2Header header = HeaderCodec.decode("image", new ImageFile(image));
    long l2Offset =
        L1Entry.tableOffset(new ImageFile(image).read(header.l1Table().offset(), 8).getLong());
    image.write(l2Offset + 8, ByteBuffer.allocate(8).putLong(L2Entry.normal(5L * CLUSTER)).flip());
    try (FormatDriver format = open(image)) {
      assertThatThrownBy(() -> format.map(CLUSTER, CLUSTER))
          .isInstanceOf(CorruptImageException.class)
          .hasMessageContaining(
              "External data file host cluster offset 0xa00 does not match guest cluster offset:"
                  + " 0x200, L2 index: 0x1)");
    }
  }

  @Test
  void compressedClustersAreDamage() throws Exception {
    MemoryNode image = create(true);
    Qcow2Header header = HeaderCodec.decode("image", new ImageFile(image));
    long l2Offset =
        L1Entry.tableOffset(new ImageFile(image).read(header.l1Table().offset(), 8).getLong());
    image.write(l2Offset, ByteBuffer.allocate(8).putLong(L2Entry.compressed(1024, 100, 9)).flip());
    List<String> findings = new ArrayList<>();
    CheckReport report = Qcow2Checker.check("image", image, Repair.NONE, findings::add);
    assertThat(report.corruptions()).isEqualTo(1);
    assertThat(findings)
        .anyMatch(finding -> finding.contains("compressed cluster 0 with data file"));
    try (FormatDriver format = open(image)) {
      assertThatThrownBy(() -> format.map(0, CLUSTER))
          .isInstanceOf(CorruptImageException.class)
          .hasMessageContaining("Compressed cluster entry found in image with external data file");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theDataFileIsAsLongAsTheDisk(boolean raw) throws Exception {
    MemoryNode image = create(raw);
    try (Qcow2Format format = (Qcow2Format) open(image)) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(0, DISK, 1);
      format.resize(3 * DISK, Preallocation.OFF);
      assertThat(data.size()).isEqualTo(3 * DISK);
      assertThat(guest.read(DISK, 2 * DISK)).containsOnly(0);
      format.resize(CLUSTER, Preallocation.OFF);
      assertThat(data.size()).isEqualTo(CLUSTER);
      format.resize(DISK, Preallocation.OFF);
      assertThat(guest.read(CLUSTER, DISK - CLUSTER)).containsOnly(0);
      assertThat(guest.read(0, CLUSTER)).containsOnly(1);
      format.resize(2 * DISK, Preallocation.FULL);
      assertThat(data.size()).isEqualTo(2 * DISK);
    }
    checkClean(image);
  }

  /** As a power cut between the header and the end of the data file leaves it. */
  @Test
  void whatAShrinkingHasLeftOfTheDataFileDoesNotComeBack() throws Exception {
    MemoryNode image = create(true);
    try (Qcow2Format format = (Qcow2Format) open(image)) {
      new DriverGuest(format).fill(0, DISK, 1);
      format.resize(CLUSTER, Preallocation.OFF);
    }
    byte[] left = new byte[DISK - CLUSTER];
    Arrays.fill(left, (byte) 1);
    data.write(CLUSTER, left);
    try (Qcow2Format format = (Qcow2Format) open(image)) {
      format.resize(DISK, Preallocation.OFF);
      assertThat(new DriverGuest(format).read(CLUSTER, DISK - CLUSTER)).containsOnly(0);
    }
    checkClean(image);
  }

  @Test
  void aDataFileIsThereExactlyIfTheImageSaysSo() throws Exception {
    MemoryNode with = create(false);
    assertThatThrownBy(() -> provider.open(TestOpening.of(with)))
        .isInstanceOf(ImageFormatException.class)
        .hasMessageContaining("'data-file' is required for this image");
    MemoryNode without = NewImages.create(DISK);
    assertThatThrownBy(() -> open(without))
        .isInstanceOf(ImageFormatException.class)
        .hasMessageContaining("'data-file' can only be set for images with an external data file");
  }

  @Test
  void writersKeepTheRawBitAndClearUnknownOnes() throws Exception {
    MemoryNode image = create(true);
    long bits = FeatureBits.DATA_FILE_RAW | 1L << 40;
    image.write(88, ByteBuffer.allocate(8).putLong(bits).flip());
    open(image).close();
    assertThat(HeaderCodec.decode("image", new ImageFile(image)).features().autoclear())
        .isEqualTo(FeatureBits.DATA_FILE_RAW);
  }

  private MemoryNode create(boolean raw) throws IOException {
    MemoryNode image = new MemoryNode("image");
    Map<String, OptionValue> options =
        Map.of(
            "cluster_size", OptionValue.of(String.valueOf(CLUSTER)),
            "data_file", OptionValue.of("data"),
            "data_file_raw", OptionValue.of(raw ? "on" : "off"));
    provider.create(
        image,
        Map.of(GuestData.ROLE, data),
        new ImageCreation(
            "image", DISK, Optional.empty(), provider.createOptions().read("create", options)));
    return image;
  }

  private FormatDriver open(MemoryNode image) throws IOException {
    return provider.open(opening(image, data));
  }

  private static TestOpening opening(BlockNode image, BlockNode data) {
    return TestOpening.of(image).withChild(GuestData.ROLE, data);
  }

  private static byte[] read(MemoryNode node, long offset, int length) throws IOException {
    return new ImageFile(node).read(offset, length).array();
  }

  private void checkClean(MemoryNode image) throws IOException {
    assertThat(Qcow2Checker.check("image", image, Repair.NONE, finding -> {}).clean()).isTrue();
    if (Qemu.installed()) {
      String files =
          "driver=qcow2,file.filename=%s,data-file.filename=%s"
              .formatted(
                  Qemu.save(image, folder.resolve("image.qcow2")),
                  Qemu.save(data, folder.resolve("data")));
      Qemu.img("check", "--image-opts", files);
    }
  }
}
