package dev.platter.qcow2;

import dev.platter.tck.fake.MemoryNode;
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

  /** All of them; the corpus names them by their place in this list. */
  static final List<FuzzBase> ALL =
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

  /** Where a structure begins. */
  long offset(Structure structure) {
    return offsets.get(structure);
  }
}
