package dev.platter.qcow2;

import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.TestOpening;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/**
 * A small valid image that QEMU wrote, and where its structures lie.
 *
 * @param file its file; not to be changed
 * @param offsets where each structure begins; one that the image does not have is at 0
 * @param geometry of the image
 */
record FuzzBase(MemoryNode file, Map<Structure, Long> offsets, ClusterGeometry geometry) {
  /** What an image consists of. */
  enum Structure {
    HEADER,
    L1_TABLE,
    L2_TABLE,
    REFCOUNT_TABLE,
    REFCOUNT_BLOCK,
    SNAPSHOT_TABLE,
    BITMAP_DIRECTORY,
    DATA
  }

  /** Those that need nothing but their file; the corpus names them by their place in this list. */
  static final List<FuzzBase> PLAIN =
      List.of(
          of("plain"),
          of("onebit"),
          of("wide"),
          of("version2"),
          of("zstd"),
          of("lazy"),
          of("snapshots"),
          of("bitmaps"),
          of("overlay"),
          of("preallocated"),
          of("large"));

  /** Images with a second word in each L2 entry, with secrets, or with an external data file. */
  static final List<FuzzBase> SPECIAL =
      List.of(of("extended"), of("aes"), of("luks"), of("datafile"), of("rawdata"));

  private static final int FIRST_SPECIAL = 144;
  private static final int FIRST_PLAIN_AGAIN = 224;
  private static final int DATA_FILE_BYTES = 1 << 20;

  /**
   * The image that a byte chooses.
   *
   * @param choice from 0 to 255
   */
  static FuzzBase chosen(int choice) {
    boolean special = choice >= FIRST_SPECIAL && choice < FIRST_PLAIN_AGAIN;
    List<FuzzBase> bases = special ? SPECIAL : PLAIN;
    return bases.get(choice % bases.size());
  }

  private static FuzzBase of(String name) {
    try {
      MemoryNode file = MemoryNode.of(name, bytes(name));
      Qcow2Header header = HeaderCodec.decode(name, new ImageFile(file));
      return new FuzzBase(file, offsets(file, header), header.geometry());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] bytes(String name) throws IOException {
    try (InputStream gzip = FuzzBase.class.getResourceAsStream("bases/" + name + ".gz")) {
      if (gzip == null) {
        throw new FileNotFoundException(name);
      }
      return new GZIPInputStream(gzip).readAllBytes();
    }
  }

  private static Map<Structure, Long> offsets(MemoryNode node, Qcow2Header header)
      throws IOException {
    ImageFile file = new ImageFile(node);
    long[] l1 = new long[header.l1Table().count()];
    file.readWords(header.l1Table().offset(), l1);
    long l2Table =
        Arrays.stream(l1).map(L1Entry::tableOffset).filter(at -> at != 0).findFirst().orElse(0);
    long refcountBlock =
        RefcountTable.blockOffset(file.read(header.refcountTable().offset(), 8).getLong());
    long bitmapDirectory =
        header.extensions().stream()
            .filter(HeaderExtension.Bitmaps.class::isInstance)
            .mapToLong(extension -> ((HeaderExtension.Bitmaps) extension).directoryOffset())
            .findFirst()
            .orElse(0);
    long firstEntry = l2Table == 0 ? 0 : file.read(l2Table, 8).getLong();
    Map<Structure, Long> offsets = new EnumMap<>(Structure.class);
    offsets.put(Structure.HEADER, 0L);
    offsets.put(Structure.L1_TABLE, header.l1Table().offset());
    offsets.put(Structure.L2_TABLE, l2Table);
    offsets.put(Structure.REFCOUNT_TABLE, header.refcountTable().offset());
    offsets.put(Structure.REFCOUNT_BLOCK, refcountBlock);
    offsets.put(Structure.SNAPSHOT_TABLE, header.snapshotTable().offset());
    offsets.put(Structure.BITMAP_DIRECTORY, bitmapDirectory);
    offsets.put(Structure.DATA, firstEntry & 0x00ff_ffff_ffff_fe00L);
    return offsets;
  }

  /**
   * How an image of this kind is opened: with its secret, and leave to use its data file, which is
   * new.
   *
   * @param image a damaged copy of this one
   */
  TestOpening opening(MemoryNode image) throws IOException {
    TestOpening opening = TestOpening.of(image);
    return switch (file.name()) {
      case "aes", "luks" ->
          opening.withOptions(new Qcow2DriverProvider(), "encrypt.key-secret=passphrase");
      case "datafile", "rawdata" ->
          opening.withChild(GuestData.ROLE, new MemoryNode("data", DATA_FILE_BYTES));
      default -> opening;
    };
  }

  /** Where a structure begins. */
  long offset(Structure structure) {
    return offsets.get(structure);
  }
}
