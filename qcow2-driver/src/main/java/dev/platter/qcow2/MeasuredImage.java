package dev.platter.qcow2;

import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.Preallocation;
import dev.platter.api.Ranges;
import dev.platter.api.driver.ImageCreation;
import dev.platter.api.driver.ImageMeasure;
import dev.platter.api.driver.MeasureRequest;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValues;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** How large an image will be, as {@code qemu-img measure} says it, to the byte. */
final class MeasuredImage {
  private static final int ENTRY_BYTES = 8;
  private static final int EXTENDED_ENTRY_BYTES = 16;
  private static final int BITMAP_DIRECTORY_ENTRY_BYTES = 24;

  /** What is wrong with the layout; what else {@code create} would refuse does not matter. */
  private static final Set<String> LAYOUT_OPTIONS =
      Set.of(Qcow2CreateOptions.CLUSTER_SIZE.name(), Qcow2CreateOptions.REFCOUNT_BITS.name());

  private final MeasureRequest request;
  private final long clusterBytes;
  private final int entryBytes;
  private final long refcountBits;
  private final long encryptionBytes;

  private MeasuredImage(MeasureRequest request) throws OptionException {
    OptionValues options = request.options();
    this.request = request;
    this.clusterBytes = options.get(Qcow2CreateOptions.CLUSTER_SIZE);
    this.entryBytes =
        options.get(Qcow2CreateOptions.EXTENDED_L2) ? EXTENDED_ENTRY_BYTES : ENTRY_BYTES;
    this.refcountBits = options.get(Qcow2CreateOptions.REFCOUNT_BITS);
    this.encryptionBytes = Ranges.alignUp(NewEncryption.measuredBytes(options), clusterBytes);
  }

  /**
   * Measures an image.
   *
   * @throws OptionException if there can be no such image
   */
  static ImageMeasure of(MeasureRequest request) throws IOException {
    checkLayout(request);
    return new MeasuredImage(request).measure();
  }

  private static void checkLayout(MeasureRequest request) throws OptionException {
    OptionValues options = request.options();
    boolean extended =
        options.get(Qcow2CreateOptions.EXTENDED_L2)
            && options.get(Qcow2CreateOptions.COMPAT).version() >= 3;
    String extendedL2 = Qcow2CreateOptions.EXTENDED_L2.name();
    List<OptionProblem> problems =
        CreateRules.problems(new ImageCreation("", 0, Optional.empty(), options)).stream()
            .filter(
                problem ->
                    LAYOUT_OPTIONS.contains(problem.key())
                        || (extended && problem.key().equals(extendedL2)))
            .map(MeasuredImage::inWordsOfMeasure)
            .toList();
    if (!problems.isEmpty()) {
      throw new OptionException(problems);
    }
  }

  private static OptionProblem inWordsOfMeasure(OptionProblem problem) {
    return new OptionProblem(
        problem.key(),
        problem.message().replace("version=v3", "compat=1.1"),
        problem.found(),
        problem.allowed(),
        problem.suggestion());
  }

  private ImageMeasure measure() throws IOException {
    checkSize(request.sizeBytes());
    long diskBytes = request.source().map(BlockNode::size).orElse(request.sizeBytes());
    long virtualBytes = Ranges.alignUp(diskBytes, clusterBytes);
    long dataBytes = 0;
    if (request.source().isPresent()) {
      dataBytes = request.backed() ? virtualBytes : dataBytes(request.source().get());
    }
    Preallocation preallocation = request.options().get(Qcow2CreateOptions.PREALLOCATION);
    if (preallocation == Preallocation.FULL || preallocation == Preallocation.FALLOC) {
      dataBytes = virtualBytes;
    }
    long fullBytes = encryptionBytes + fullBytes(virtualBytes);
    return new ImageMeasure(
        fullBytes - virtualBytes + dataBytes, fullBytes, bitmapBytes(diskBytes));
  }

  private void checkSize(long sizeBytes) throws OptionException {
    long clusters = Math.ceilDiv(sizeBytes, clusterBytes);
    long l2Tables = Math.ceilDiv(clusters, clusterBytes / entryBytes);
    if (l2Tables * ENTRY_BYTES > HeaderRules.MAXIMUM_L1_BYTES) {
      throw new OptionException(
          OptionProblem.of(
              "size", "The image size is too large (try using a larger cluster size)"));
    }
  }

  /** The clusters in which the source has data. */
  private long dataBytes(BlockNode source) throws IOException {
    long bytes = 0;
    long at = 0;
    while (at < source.size()) {
      Extent extent = source.extent(at, source.size() - at);
      long end = at + extent.length();
      if (!extent.zero() && extent.data() && extent.present()) {
        end = Ranges.alignUp(end, clusterBytes);
        bytes += end - Ranges.alignDown(at, clusterBytes);
      }
      at = end;
    }
    return bytes;
  }

  /**
   * Header, L1 table, L2 tables, all data, and the refcounts of all that and of themselves; QEMU
   * counts none for the header of the encryption.
   */
  private long fullBytes(long virtualBytes) {
    long l2Bytes = Ranges.alignUp(virtualBytes / clusterBytes * entryBytes, clusterBytes);
    long l1Bytes = Ranges.alignUp(l2Bytes / clusterBytes * ENTRY_BYTES, clusterBytes);
    long bytes = clusterBytes + l2Bytes + l1Bytes + virtualBytes;
    return bytes + refcountBytes(bytes / clusterBytes);
  }

  private long refcountBytes(long clusters) {
    long countsPerBlock = clusterBytes * Byte.SIZE / refcountBits;
    long blocksPerTableCluster = clusterBytes / ENTRY_BYTES;
    long blocks = 0;
    long tableClusters = 0;
    long last;
    do {
      last = blocks + tableClusters;
      blocks = Math.ceilDiv(clusters + last, countsPerBlock);
      tableClusters = Math.ceilDiv(blocks, blocksPerTableCluster);
    } while (blocks + tableClusters != last);
    return (blocks + tableClusters) * clusterBytes;
  }

  private OptionalLong bitmapBytes(long diskBytes) {
    boolean possible = request.options().get(Qcow2CreateOptions.COMPAT).version() >= 3;
    if (!possible || request.bitmaps().isEmpty()) {
      return OptionalLong.empty();
    }
    long bytes = 0;
    long directoryBytes = 0;
    for (MeasureRequest.SourceBitmap bitmap : request.bitmaps().get()) {
      long bits = Math.ceilDiv(diskBytes, bitmap.granularityBytes());
      long clusters = Math.ceilDiv(Math.ceilDiv(bits, Byte.SIZE), clusterBytes);
      bytes += clusters * clusterBytes + Ranges.alignUp(clusters * ENTRY_BYTES, clusterBytes);
      int nameBytes = bitmap.name().getBytes(StandardCharsets.UTF_8).length;
      directoryBytes += Ranges.alignUp(BITMAP_DIRECTORY_ENTRY_BYTES + nameBytes, ENTRY_BYTES);
    }
    return OptionalLong.of(bytes + Ranges.alignUp(directoryBytes, clusterBytes));
  }
}
