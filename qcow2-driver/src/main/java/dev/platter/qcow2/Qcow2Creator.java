package dev.platter.qcow2;

import dev.platter.api.BackingReference;
import dev.platter.api.BlockNode;
import dev.platter.api.Preallocation;
import dev.platter.api.driver.ImageCreation;
import dev.platter.api.driver.Secrets;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValues;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes new images: byte by byte what QEMU's {@code create} writes where nothing is reserved at
 * once and one refcount block is enough.
 *
 * <p>The tables are durable before the header is written, so that what a power cut leaves behind is
 * either a whole image or none.
 */
final class Qcow2Creator {
  private static final int SECTOR_BYTES = 512;

  private final ImageFile file;
  private final Optional<BlockNode> dataFile;
  private final Preallocation preallocation;
  private final NewImageLayout layout;
  private final ByteBuffer headerCluster;
  private final long diskBytes;
  private final Optional<NewEncryption> encryption;
  private final Secrets secrets;

  private Qcow2Creator(BlockNode file, Optional<BlockNode> dataFile, ImageCreation creation)
      throws IOException {
    CreateRules.check(creation);
    this.dataFile = dataFile;
    this.file = new ImageFile(file);
    this.preallocation = preallocation(creation.options());
    this.encryption = NewEncryption.of(creation.options());
    this.secrets = creation.secrets();
    this.diskBytes = diskBytes(creation);
    this.layout = layout(creation, preallocation, encryption);
    this.headerCluster = headerCluster(creation, layout, encryption);
  }

  /**
   * Writes an image over whatever the file holds, and flushes it.
   *
   * @param dataFile where guest data goes, if not to {@code file}; it is emptied
   * @throws OptionException if such an image cannot be; nothing has been written then
   */
  static void create(BlockNode file, Optional<BlockNode> dataFile, ImageCreation creation)
      throws IOException {
    new Qcow2Creator(file, dataFile, creation).write();
  }

  private void write() throws IOException {
    Preallocation ofFile =
        preallocation == Preallocation.METADATA ? Preallocation.OFF : preallocation;
    if (dataFile.isPresent()) {
      writeEmpty(dataFile.get(), diskBytes, ofFile);
      dataFile.get().flush();
    }
    BlockNode node = file.node();
    writeEmpty(node, layout.fileBytes(), ofFile);
    writeRefcounts();
    writeMapping();
    Optional<HeaderExtension.CryptoHeader> crypto = cryptoHeader(layout, encryption);
    if (crypto.isPresent()) {
      encryption.orElseThrow().write(file, crypto.get(), secrets);
    }
    node.flush();
    file.write(0, headerCluster);
    node.flush();
  }

  private static void writeEmpty(BlockNode node, long bytes, Preallocation preallocation)
      throws IOException {
    node.resize(0, Preallocation.OFF);
    node.resize(bytes, preallocation);
  }

  /** A data file that reads as the disk does has each cluster mapped, whatever is asked for. */
  private static Preallocation preallocation(OptionValues options) {
    Preallocation asked = options.get(Qcow2CreateOptions.PREALLOCATION);
    return asked == Preallocation.OFF && options.get(Qcow2CreateOptions.DATA_FILE_RAW)
        ? Preallocation.METADATA
        : asked;
  }

  private void writeRefcounts() throws IOException {
    ClusterGeometry geometry = layout.geometry();
    long tableBytes = geometry.clusterOffset(layout.refcountTableClusters());
    ByteBuffer table = ByteBuffer.allocate(Math.toIntExact(tableBytes));
    long left = layout.totalClusters();
    for (long i = 0; i < layout.refcountBlocks(); i++) {
      long offset = layout.refcountBlocksOffset() + geometry.clusterOffset(i);
      table.putLong(offset);
      int count = (int) Math.min(left, geometry.refcountBlockEntryCount());
      file.write(offset, refcountBlockOfOnes(geometry, count));
      left -= count;
    }
    file.write(layout.refcountTableOffset(), table.clear());
  }

  private static ByteBuffer refcountBlockOfOnes(ClusterGeometry geometry, int count) {
    RefcountWidth width = new RefcountWidth(geometry.refcountOrder());
    ByteBuffer block = ByteBuffer.allocate(geometry.clusterBytes());
    for (int i = 0; i < count; i++) {
      width.set(block, i, 1);
    }
    return block;
  }

  /** Entries of what is reserved at once; an L1 table without any is zeros, as the file is. */
  private void writeMapping() throws IOException {
    ClusterGeometry geometry = layout.geometry();
    ByteBuffer l1 = ByteBuffer.allocate((int) layout.l2Tables() * Long.BYTES);
    long dataOffset = dataFile.isPresent() ? 0 : layout.dataOffset();
    long left = layout.l2Tables() == 0 ? 0 : geometry.clusterCount(diskBytes);
    for (long i = 0; i < layout.l2Tables(); i++) {
      long offset = layout.l2Offset() + geometry.clusterOffset(i);
      l1.putLong(L1Entry.of(offset));
      ByteBuffer l2 = ByteBuffer.allocate(geometry.clusterBytes());
      for (; left > 0 && l2.hasRemaining(); left--) {
        l2.putLong(
            encryption.isPresent() && !geometry.extendedL2()
                ? L2Entry.zeroAllocated(dataOffset) // zeros of the file would decrypt to noise
                : L2Entry.normal(dataOffset));
        l2.position(
            l2.position() + geometry.l2EntryBytes() - Long.BYTES); // no subcluster is written
        dataOffset += geometry.clusterBytes();
      }
      file.write(offset, l2.clear());
    }
    file.write(layout.l1Offset(), l1.flip());
  }

  private static NewImageLayout layout(
      ImageCreation creation, Preallocation preallocation, Optional<NewEncryption> encryption)
      throws OptionException {
    OptionValues options = creation.options();
    long clusterBytes = options.get(Qcow2CreateOptions.CLUSTER_SIZE);
    long refcountBits = options.get(Qcow2CreateOptions.REFCOUNT_BITS);
    ClusterGeometry geometry =
        new ClusterGeometry(
            Long.numberOfTrailingZeros(clusterBytes),
            Long.numberOfTrailingZeros(refcountBits),
            options.get(Qcow2CreateOptions.EXTENDED_L2));
    long diskBytes = diskBytes(creation);
    long maximumL1Entries = HeaderRules.MAXIMUM_L1_ENTRIES;
    if (geometry.l1EntryCount(diskBytes) > maximumL1Entries) {
      throw tooLarge();
    }
    NewImageLayout layout =
        NewImageLayout.of(
            geometry,
            diskBytes,
            preallocation != Preallocation.OFF,
            options.given(Qcow2CreateOptions.DATA_FILE).isPresent(),
            encryption.map(NewEncryption::headerBytes).orElse(0L));
    if (geometry.clusterOffset(layout.refcountTableClusters())
        > HeaderRules.MAXIMUM_REFCOUNT_TABLE_BYTES) {
      throw tooLarge();
    }
    return layout;
  }

  private static long diskBytes(ImageCreation creation) throws OptionException {
    long bytes = creation.sizeBytes();
    if (bytes < 0 || bytes > Long.MAX_VALUE - SECTOR_BYTES) {
      throw tooLarge();
    }
    return (bytes + SECTOR_BYTES - 1) & -SECTOR_BYTES;
  }

  private static OptionException tooLarge() {
    return new OptionException(
        OptionProblem.of(
            "size",
            "The image size is too large for file format 'qcow2' (try using a larger cluster"
                + " size)"));
  }

  private static ByteBuffer headerCluster(
      ImageCreation creation, NewImageLayout layout, Optional<NewEncryption> encryption)
      throws OptionException {
    OptionValues options = creation.options();
    int version = options.get(Qcow2CreateOptions.COMPAT).version();
    ClusterGeometry geometry = layout.geometry();
    Qcow2CreateOptions.CompressionType compression =
        options.get(Qcow2CreateOptions.COMPRESSION_TYPE);
    int unknownBytes = version == 2 ? 0 : HeaderCodec.CREATED_BYTES - HeaderCodec.V3_BYTES - 1;
    Qcow2Header header =
        new Qcow2Header(
            version,
            0,
            creation.backing().map(BackingReference::fileName),
            geometry.clusterBits(),
            diskBytes(creation),
            encryption.map(NewEncryption::cryptMethod).orElse(Qcow2Header.CRYPT_NONE),
            layout.l1Table(),
            layout.refcountTable(),
            TableLocation.NONE,
            features(options),
            geometry.refcountOrder(),
            version == 2 ? HeaderCodec.V2_BYTES : HeaderCodec.CREATED_BYTES,
            compression.number(),
            ByteBuffer.allocate(unknownBytes),
            extensions(creation, version, layout, encryption));
    return encode(creation, header);
  }

  private static FeatureBits features(OptionValues options) {
    boolean dataFile = options.given(Qcow2CreateOptions.DATA_FILE).isPresent();
    long compatible =
        options.get(Qcow2CreateOptions.LAZY_REFCOUNTS) ? FeatureBits.LAZY_REFCOUNTS : 0;
    long autoclear = options.get(Qcow2CreateOptions.DATA_FILE_RAW) ? FeatureBits.DATA_FILE_RAW : 0;
    long compression = options.get(Qcow2CreateOptions.COMPRESSION_TYPE).incompatible();
    return new FeatureBits(compression, compatible, autoclear)
        .withIncompatible(FeatureBits.DATA_FILE, dataFile)
        .withIncompatible(FeatureBits.EXTENDED_L2, options.get(Qcow2CreateOptions.EXTENDED_L2));
  }

  private static ByteBuffer encode(ImageCreation creation, Qcow2Header header)
      throws OptionException {
    Optional<String> name = creation.backing().map(BackingReference::fileName);
    if (name.isPresent()
        && name.get().getBytes(StandardCharsets.UTF_8).length
            > HeaderCodec.MAXIMUM_BACKING_NAME_BYTES) {
      throw backingProblem(name.get(), "Backing file name too long");
    }
    try {
      return HeaderCodec.encode(creation.imageName(), header);
    } catch (BlockIoException e) {
      throw backingProblem(name.orElse(""), e.errno().text());
    }
  }

  private static OptionException backingProblem(String name, String why) {
    return new OptionException(
        OptionProblem.of(
            "backing_file", "Could not assign backing file '%s': %s".formatted(name, why)));
  }

  private static List<HeaderExtension> extensions(
      ImageCreation creation,
      int version,
      NewImageLayout layout,
      Optional<NewEncryption> encryption) {
    List<HeaderExtension> extensions = new ArrayList<>();
    creation
        .backing()
        .flatMap(BackingReference::formatName)
        .ifPresent(format -> extensions.add(new HeaderExtension.BackingFormat(format)));
    creation
        .options()
        .given(Qcow2CreateOptions.DATA_FILE)
        .filter(name -> !name.isEmpty())
        .ifPresent(name -> extensions.add(new HeaderExtension.DataFile(name)));
    cryptoHeader(layout, encryption).ifPresent(extensions::add);
    if (HeaderLayout.namesFeatures(version, layout.geometry().clusterBytes())) {
      extensions.add(HeaderLayout.FEATURE_NAMES);
    }
    return extensions;
  }

  private static Optional<HeaderExtension.CryptoHeader> cryptoHeader(
      NewImageLayout layout, Optional<NewEncryption> encryption) {
    return encryption
        .map(NewEncryption::headerBytes)
        .filter(bytes -> bytes > 0)
        .map(bytes -> new HeaderExtension.CryptoHeader(layout.cryptoOffset(), bytes));
  }
}
