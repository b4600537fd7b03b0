package dev.platter.qcow2;

import dev.platter.api.BackingReference;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A decoded and validated header with its extensions (specification: "Header").
 *
 * @param version 2 or 3
 * @param backingFileOffset where the backing file's name stands; 0 if there is none
 * @param backingFileName the name; empty if there is none
 * @param clusterBits log2 of the cluster size
 * @param size the virtual size in bytes, as it stands in the image
 * @param cryptMethod 0 none, 1 AES, 2 LUKS
 * @param l1Table the active L1 table; its count is in entries
 * @param refcountTable the refcount table; its count is in clusters
 * @param snapshotTable the table of internal snapshots; its count is in snapshots
 * @param features feature bits
 * @param refcountOrder log2 of the bits of one refcount; 4 in version 2
 * @param headerLength bytes of the header's fields: 72 in version 2
 * @param compressionType 0 deflate, 1 zstd
 * @param unknownFields the fields' bytes behind {@code compressionType}, kept as they are
 * @param extensions the extensions in the order in which they stand in the image
 */
record Qcow2Header(
    int version,
    long backingFileOffset,
    Optional<String> backingFileName,
    int clusterBits,
    long size,
    int cryptMethod,
    TableLocation l1Table,
    TableLocation refcountTable,
    TableLocation snapshotTable,
    FeatureBits features,
    int refcountOrder,
    int headerLength,
    int compressionType,
    ByteBuffer unknownFields,
    List<HeaderExtension> extensions) {

  static final int CRYPT_NONE = 0;
  static final int CRYPT_AES = 1;
  static final int CRYPT_LUKS = 2;
  static final int COMPRESSION_DEFLATE = 0;
  static final int COMPRESSION_ZSTD = 1;

  Qcow2Header {
    unknownFields = unknownFields.asReadOnlyBuffer();
    extensions = List.copyOf(extensions);
  }

  @Override
  public ByteBuffer unknownFields() {
    return unknownFields.duplicate();
  }

  /** The virtual size in bytes: whole 512-byte sectors. */
  long diskBytes() {
    return size & -512L;
  }

  /** Cluster and table arithmetic. */
  ClusterGeometry geometry() {
    return new ClusterGeometry(clusterBits, refcountOrder, features.extendedL2());
  }

  /** The extension of a kind; of several, the last one counts. */
  <T extends HeaderExtension> Optional<T> extension(Class<T> kind) {
    return extensions.reversed().stream().filter(kind::isInstance).map(kind::cast).findFirst();
  }

  /** The backing file, if the header names one. */
  Optional<BackingReference> backing() {
    return backingFileName.map(
        name ->
            new BackingReference(
                name,
                extension(HeaderExtension.BackingFormat.class)
                    .map(HeaderExtension.BackingFormat::formatName)));
  }

  /** A copy with another virtual size. */
  Qcow2Header withSize(long size) {
    return changed(draft -> draft.size = size);
  }

  /** A copy with another active L1 table. */
  Qcow2Header withL1Table(TableLocation l1Table) {
    return changed(draft -> draft.l1Table = l1Table);
  }

  /** A copy with another refcount table. */
  Qcow2Header withRefcountTable(TableLocation refcountTable) {
    return changed(draft -> draft.refcountTable = refcountTable);
  }

  /** A copy with another snapshot table. */
  Qcow2Header withSnapshotTable(TableLocation snapshotTable) {
    return changed(draft -> draft.snapshotTable = snapshotTable);
  }

  /** A copy that names another backing file, at the same place. */
  Qcow2Header withBackingFileName(Optional<String> backingFileName) {
    return changed(draft -> draft.backingFileName = backingFileName);
  }

  /** A copy that names the backing file at another place of the first cluster. */
  Qcow2Header withBackingFileOffset(long backingFileOffset) {
    return changed(draft -> draft.backingFileOffset = backingFileOffset);
  }

  /** A copy with refcounts of another width. */
  Qcow2Header withRefcountOrder(int refcountOrder) {
    return changed(draft -> draft.refcountOrder = refcountOrder);
  }

  /** A copy with other extensions. */
  Qcow2Header withExtensions(List<HeaderExtension> extensions) {
    return changed(draft -> draft.extensions = extensions);
  }

  /** A copy of a version, whose fields take so many bytes, with these extensions. */
  Qcow2Header withLayout(
      int version, int headerLength, ByteBuffer unknownFields, List<HeaderExtension> extensions) {
    return changed(
        draft -> {
          draft.version = version;
          draft.headerLength = headerLength;
          draft.unknownFields = unknownFields;
          draft.extensions = extensions;
        });
  }

  /** A copy with other feature bits. */
  Qcow2Header withFeatures(FeatureBits features) {
    return changed(draft -> draft.features = features);
  }

  private Qcow2Header changed(Consumer<Draft> change) {
    Draft draft = new Draft();
    change.accept(draft);
    return draft.finished();
  }

  /** The fields that a copy may have otherwise; the others stay as they are. */
  private final class Draft {
    private int version = Qcow2Header.this.version;
    private long backingFileOffset = Qcow2Header.this.backingFileOffset;
    private Optional<String> backingFileName = Qcow2Header.this.backingFileName;
    private long size = Qcow2Header.this.size;
    private TableLocation l1Table = Qcow2Header.this.l1Table;
    private TableLocation refcountTable = Qcow2Header.this.refcountTable;
    private TableLocation snapshotTable = Qcow2Header.this.snapshotTable;
    private FeatureBits features = Qcow2Header.this.features;
    private int refcountOrder = Qcow2Header.this.refcountOrder;
    private int headerLength = Qcow2Header.this.headerLength;
    private ByteBuffer unknownFields = Qcow2Header.this.unknownFields;
    private List<HeaderExtension> extensions = Qcow2Header.this.extensions;

    private Qcow2Header finished() {
      return new Qcow2Header(
          version,
          backingFileOffset,
          backingFileName,
          clusterBits,
          size,
          cryptMethod,
          l1Table,
          refcountTable,
          snapshotTable,
          features,
          refcountOrder,
          headerLength,
          compressionType,
          unknownFields,
          extensions);
    }
  }
}
