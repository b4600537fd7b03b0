package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.error.ImageFormatException;
import dev.platter.api.error.OptionException;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.Operation;
import dev.platter.tck.fake.RecordingNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Headers that nobody should have written: each is refused, in QEMU's words. */
class HostileHeaderTest {
  private static final int CLUSTER = 65536;
  private static final int EXTENSIONS = 112;
  private static final int MOST_READ_BYTES = 2 << 20;

  @TempDir Path folder;

  /**
   * A way to damage an image.
   *
   * @param what the field and its value
   * @param refusal what both say of it
   * @param damage does it, to the image's first clusters
   */
  record Row(String what, String refusal, Consumer<ByteBuffer> damage) {
    @Override
    public String toString() {
      return what;
    }
  }

  static Stream<Row> rows() {
    return Stream.of(
            fixedFields(),
            featureBits(),
            tables(),
            snapshots(),
            backingNames(),
            extensions(),
            bitmaps())
        .flatMap(rows -> rows);
  }

  private static Stream<Row> fixedFields() {
    return Stream.of(
        int32("magic QFI fa", "Image is not in qcow2 format", 0, 0x514649fa),
        int32("version 1", "Unsupported qcow2 version 1", 4, 1),
        int32("version 4", "Unsupported qcow2 version 4", 4, 4),
        int32("version 2^32-1", "Unsupported qcow2 version 4294967295", 4, -1),
        int32("cluster_bits 8", "Unsupported cluster size: 2^8", 20, 8),
        int32("cluster_bits 22", "Unsupported cluster size: 2^22", 20, 22),
        int32("cluster_bits 64", "Unsupported cluster size: 2^64", 20, 64),
        int32("cluster_bits 2^32-1", "Unsupported cluster size: 2^4294967295", 20, -1),
        int32("header_length 0", "qcow2 header too short", 100, 0),
        int32("header_length 103", "qcow2 header too short", 100, 103),
        int32("header_length 2^31-1", "qcow2 header exceeds cluster size", 100, 0x7fffffff),
        int32("header_length 2^32-1", "qcow2 header exceeds cluster size", 100, -1),
        int64("size 2^63", "Image is too big", 24, Long.MIN_VALUE),
        int64("size 2^60", "Image is too big", 24, 1L << 60),
        int64("size 2^64-1", "Could not refresh total sector count: File too large", 24, -1),
        int64("size 2^41", "L1 table is too small", 24, 1L << 41),
        int32("crypt_method 3", "Unsupported encryption method 3", 32, 3),
        int32("crypt_method 2", "Missing CRYPTO header for crypt method 2", 32, 2),
        int32(
            "refcount_order 7",
            "Reference count entry width too large; may not exceed 64 bits",
            96,
            7),
        int32(
            "refcount_order 2^32-1",
            "Reference count entry width too large; may not exceed 64 bits",
            96,
            -1));
  }

  private static Stream<Row> featureBits() {
    return Stream.of(
        int64(
            "incompatible bit 5",
            "Unsupported qcow2 feature(s): Unknown incompatible feature: 20",
            72,
            1L << 5),
        int64(
            "incompatible bit 63",
            "Unsupported qcow2 feature(s): Unknown incompatible feature: 8000000000000000",
            72,
            Long.MIN_VALUE),
        row(
            "incompatible bit 5 with a name, and bit 6",
            "Unsupported qcow2 feature(s): teleport, Unknown incompatible feature: 40",
            image -> {
              image.putLong(72, 0x60);
              extension(image, HeaderExtension.FEATURE_NAMES, 48);
              image.put(EXTENSIONS + 8, (byte) 0).put(EXTENSIONS + 9, (byte) 5);
              image.put(EXTENSIONS + 10, new byte[] {'t', 'e', 'l', 'e', 'p', 'o', 'r', 't', 0});
            }),
        row(
            "compression type 99",
            "qcow2: unknown compression type: 99",
            image -> image.putLong(72, FeatureBits.COMPRESSION_TYPE).put(104, (byte) 99)),
        row(
            "zstd without the bit",
            "qcow2: Compression type incompatible feature bit must be set",
            image -> image.put(104, (byte) 1)),
        int64(
            "the bit without zstd",
            "qcow2: Compression type incompatible feature bit must not be set",
            72,
            FeatureBits.COMPRESSION_TYPE),
        int64(
            "data file without a name",
            "'data-file' is required for this image",
            72,
            FeatureBits.DATA_FILE),
        int64(
            "raw data file without a data file",
            "data-file-raw requires a data file",
            88,
            FeatureBits.DATA_FILE_RAW));
  }

  private static Stream<Row> tables() {
    return Stream.of(
        int32("l1_size 2^31-1", "Active L1 table too large", 36, 0x7fffffff),
        int32("l1_size 2^32-1", "Active L1 table too large", 36, -1),
        int32("l1_size 0", "L1 table is too small", 36, 0),
        int64("l1_offset unaligned", "Active L1 table offset invalid", 40, 3 * CLUSTER + 8),
        row(
            "l1_offset 2^63-64K",
            "Active L1 table offset invalid",
            image -> image.putInt(36, 8193).putLong(40, Long.MAX_VALUE - 0xffff)),
        int32("refcount table 0", "Image does not contain a reference count table", 56, 0),
        int32("refcount table 129 clusters", "Reference count table too large", 56, 129),
        int32("refcount table 2^32-1 clusters", "Reference count table too large", 56, -1),
        int64("refcount table unaligned", "Reference count table offset invalid", 48, 512),
        int64("refcount table 2^64-64K", "Reference count table offset invalid", 48, -CLUSTER));
  }

  private static Stream<Row> snapshots() {
    return Stream.of(
        int32("nb_snapshots 2^32-1", "Snapshot table too large", 60, -1),
        row(
            "snapshots_offset unaligned",
            "Snapshot table offset invalid",
            image -> image.putInt(60, 1).putLong(64, 4 * CLUSTER + 8)),
        row(
            "snapshots_offset 2^64-64K",
            "Snapshot table offset invalid",
            image -> image.putInt(60, 1).putLong(64, -CLUSTER)),
        row(
            "extra data 2^32-1",
            "Too much extra metadata in snapshot table entry 0",
            image -> image.putInt(60, 1).putLong(64, 4 * CLUSTER).putInt(4 * CLUSTER + 36, -1)));
  }

  private static Stream<Row> backingNames() {
    return Stream.of(
        int64("backing_file_offset 2^64-1", "Invalid backing file offset", 8, -1),
        int64("backing_file_offset 64K+1", "Invalid backing file offset", 8, CLUSTER + 1),
        row(
            "backing_file_size 1024",
            "Backing file name too long",
            image -> image.putLong(8, 1024).putInt(16, 1024)),
        row(
            "backing_file_size 2^32-1",
            "Backing file name too long",
            image -> image.putLong(8, 1024).putInt(16, -1)),
        row(
            "backing file behind the cluster",
            "Backing file name too long",
            image -> image.putLong(8, CLUSTER - 8).putInt(16, 9)));
  }

  private static Stream<Row> extensions() {
    return Stream.of(
        row(
            "extension of 2^31-1",
            "Header extension too large",
            image -> extension(image, 0x12345678, 0x7fffffff)),
        row(
            "extension of 2^32-1",
            "Header extension too large",
            image -> extension(image, 0x12345678, -1)),
        row(
            "extension into the backing name",
            "Header extension too large",
            image -> extension(image.putLong(8, 256).putInt(16, 4), 0x12345678, 256)),
        row(
            "backing format of 17",
            "ERROR: ext_backing_format: len=17 too large (>=16)",
            image -> extension(image, HeaderExtension.BACKING_FORMAT, 17)),
        row(
            "crypto header unasked",
            "CRYPTO header extension only expected with LUKS encryption method",
            image -> extension(image, HeaderExtension.CRYPTO_HEADER, 16)),
        row(
            "crypto header of 15",
            "CRYPTO header extension size 15, but expected size 16",
            image -> extension(image.putInt(32, 2), HeaderExtension.CRYPTO_HEADER, 15)),
        row(
            "crypto header unaligned",
            "Encryption header offset '8' is not a multiple of cluster size '65536'",
            image ->
                extension(image.putInt(32, 2), HeaderExtension.CRYPTO_HEADER, 16)
                    .putLong(EXTENSIONS + 8, 8)));
  }

  private static Stream<Row> bitmaps() {
    return Stream.of(
        bitmaps("bitmaps of 23", "bitmaps_ext: Invalid extension length", 23, 1, 64, 4 * CLUSTER),
        bitmaps("0 bitmaps", "found bitmaps extension with zero bitmaps", 24, 0, 64, 4 * CLUSTER),
        bitmaps(
            "65536 bitmaps",
            "bitmaps_ext: Image has 65536 bitmaps, exceeding the QEMU supported maximum of 65535",
            24,
            65536,
            64,
            4 * CLUSTER),
        bitmaps(
            "directory unaligned", "bitmaps_ext: invalid bitmap directory offset", 24, 1, 64, 8),
        bitmaps(
            "directory of 2^63",
            "bitmaps_ext: bitmap directory size (9223372036854775808) exceeds the maximum supported"
                + " size (67107840)",
            24,
            1,
            Long.MIN_VALUE,
            4 * CLUSTER));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void isRefusedAndNothingIsWrittenOrLeftOpen(Row row) throws Exception {
    RecordingNode node = new RecordingNode(damaged(row));

    assertThatThrownBy(() -> new Qcow2DriverProvider().open(TestOpening.of(node)))
        .isInstanceOfAny(ImageFormatException.class, UnsupportedFeatureException.class)
        .hasMessageEndingWith(": " + row.refusal());

    assertThat(node.changes()).isEmpty();
    assertThat(node.log(Operation.Read.class).stream().mapToLong(Operation.Read::length).sum())
        .isLessThanOrEqualTo(MOST_READ_BYTES);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void isRefusedByQemuInTheSameWords(Row row) throws Exception {
    Qemu.assumeInstalled();
    Path image = Qemu.save(damaged(row), folder.resolve("image.qcow2"));

    Qemu.Result result =
        Qemu.attempt("qemu-io", "-r", "-f", "qcow2", "-c", "quit", image.toString());

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.output()).contains(": " + row.refusal() + "\n");
  }

  @Test
  void l1TableThatEndsBehindAllOffsetsIsRefused() throws Exception {
    MemoryNode node = damaged(int64("l1_offset", "", 40, Long.MAX_VALUE - 0xffff));

    assertThatThrownBy(() -> new Qcow2DriverProvider().open(TestOpening.of(node)))
        .hasMessageEndingWith("Active L1 table offset invalid");
  }

  @Test
  void corruptImageOpensForReadingOnly() throws Exception {
    MemoryNode node = damaged(int64("corrupt bit", "", 72, FeatureBits.CORRUPT));

    assertThatThrownBy(() -> new Qcow2DriverProvider().open(TestOpening.of(node)))
        .isInstanceOf(ImageFormatException.class)
        .hasMessageEndingWith("qcow2: Image is corrupt; cannot be opened read/write");
    new Qcow2DriverProvider().open(TestOpening.of(node).withReadOnly()).close();
  }

  @Test
  void nulInABackingNameIsRefused() throws Exception {
    MemoryNode node =
        damaged(
            row("NUL", "", image -> image.putLong(8, 1024).putInt(16, 3).put(1024, (byte) 'a')));

    assertThatThrownBy(() -> new Qcow2DriverProvider().open(TestOpening.of(node)))
        .hasMessageEndingWith("Backing file name contains a NUL character");
  }

  @Test
  void namesThatAreNotTextAreRefusedAndNotTakenForOthers() throws Exception {
    MemoryNode dataFile = damaged(notText(HeaderExtension.DATA_FILE));
    MemoryNode backingFormat = damaged(notText(HeaderExtension.BACKING_FORMAT));

    assertThatThrownBy(() -> new Qcow2DriverProvider().open(TestOpening.of(dataFile)))
        .hasMessageEndingWith("Data file name is not valid UTF-8");
    assertThatThrownBy(() -> new Qcow2DriverProvider().open(TestOpening.of(backingFormat)))
        .hasMessageEndingWith("Backing format is not valid UTF-8");
  }

  private static Row notText(int type) {
    return row(
        "a name of bytes", "", image -> extension(image, type, 3).put(EXTENSIONS + 8, (byte) 0xff));
  }

  @Test
  void encryptedImagesNeedASecret() throws Exception {
    MemoryNode node = damaged(int32("AES", "", 32, 1));

    assertThatThrownBy(() -> new Qcow2DriverProvider().open(TestOpening.of(node)))
        .isInstanceOf(OptionException.class)
        .hasMessage("Parameter 'encrypt.key-secret' is required for cipher");
  }

  private static MemoryNode damaged(Row row) throws IOException {
    MemoryNode node = Qcow2CreatorTest.create("1G", null, null);
    ByteBuffer image = ByteBuffer.allocate(6 * CLUSTER);
    node.read(0, image.duplicate().limit((int) node.size()));
    image.put(EXTENSIONS, new byte[CLUSTER - EXTENSIONS]);
    row.damage().accept(image);
    node.write(0, image.clear());
    return node;
  }

  private static Row row(String what, String refusal, Consumer<ByteBuffer> damage) {
    return new Row(what, refusal, damage);
  }

  private static Row int32(String what, String refusal, int offset, int value) {
    return new Row(what, refusal, image -> image.putInt(offset, value));
  }

  private static Row int64(String what, String refusal, int offset, long value) {
    return new Row(what, refusal, image -> image.putLong(offset, value));
  }

  private static Row bitmaps(
      String what, String refusal, int length, int count, long bytes, long offset) {
    return new Row(
        what,
        refusal,
        image ->
            extension(image.putLong(88, FeatureBits.BITMAPS), HeaderExtension.BITMAPS, length)
                .putInt(EXTENSIONS + 8, count)
                .putLong(EXTENSIONS + 16, bytes)
                .putLong(EXTENSIONS + 24, offset));
  }

  private static ByteBuffer extension(ByteBuffer image, int type, int length) {
    return image.putInt(EXTENSIONS, type).putInt(EXTENSIONS + 4, length);
  }
}
