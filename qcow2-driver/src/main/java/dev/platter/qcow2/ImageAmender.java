package dev.platter.qcow2;

import dev.platter.api.Preallocation;
import dev.platter.api.driver.AmendableFormat.Amendment;
import dev.platter.api.option.OptionValues;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Gives an image other creation options; nobody uses it meanwhile.
 *
 * <ul>
 *   <li>I1. What contradicts the image, or another option, is refused before anything changes.
 *   <li>I2. Changes come in an order in which each is allowed: first what makes the image able to
 *       do more, last what makes it able to do less.
 *   <li>I3. Each change takes effect with one write of the header's first sector, before which
 *       everything that it names is durable ({@link HeaderRewrite}).
 * </ul>
 *
 * A power cut leaves an image to which the first changes have been made, and clusters that leak at
 * worst.
 */
final class ImageAmender {
  private final ImageOpening opening;
  private final ImageFile file;
  private final Amendment amendment;
  private final OptionValues options;
  private final ImageResizer.Growth growth;
  private Qcow2Header header;

  /** Amends by {@link #amend}; {@code growth} is as for {@link ImageResizer#resize}. */
  ImageAmender(ImageOpening opening, Amendment amendment, ImageResizer.Growth growth)
      throws IOException {
    this.opening = opening;
    this.file = new ImageFile(opening.file());
    this.amendment = amendment;
    this.options = amendment.options();
    this.growth = growth;
    this.header = HeaderCodec.decode(opening.imageName(), file);
  }

  /** Makes the changes. */
  void amend() throws IOException {
    Optional<SnapshotTable> snapshots = ImageSoundness.snapshots(opening.imageName(), file, header);
    AmendRules.check(options, header, snapshots); // I1
    if (version() < header.version() && header.features().compressionType()) {
      new VersionChange(opening, header, amendment.progress()).requireNothingCompressed();
    }
    if (Qcow2AmendOptions.changesEncryption(options)) {
      new KeySlotAmendment(opening, amendment).perform(file, header);
    }
    int version = version();
    if (version > header.version()) { // I2
      header = new VersionChange(opening, header, amendment.progress()).prepareUpgrade();
      rewrite(HeaderLayout.of(header, version));
    }
    Optional<Long> refcountBits = options.given(Qcow2CreateOptions.REFCOUNT_BITS);
    if (refcountBits.isPresent() && refcountBits.get() != header.geometry().refcountBits()) {
      refcountOrder(Long.numberOfTrailingZeros(refcountBits.get()));
    }
    options.given(Qcow2CreateOptions.DATA_FILE).ifPresent(this::dataFile);
    options.given(Qcow2CreateOptions.DATA_FILE_RAW).ifPresent(this::dataFileRaw);
    options.given(Qcow2CreateOptions.LAZY_REFCOUNTS).ifPresent(this::lazyRefcounts);
    rewrite(HeaderLayout.of(header, header.version()));
    Optional<Long> size = options.given(Qcow2AmendOptions.SIZE).filter(bytes -> bytes != 0);
    if (size.isPresent()) {
      new ImageResizer(opening).resize(size.get(), Preallocation.OFF, growth);
      header = HeaderCodec.decode(opening.imageName(), file);
    }
    if (version < header.version()) {
      downgrade(version);
    }
  }

  private void downgrade(int version) throws IOException {
    header = new VersionChange(opening, header, amendment.progress()).prepareDowngrade();
    rewrite(HeaderLayout.of(header, version));
  }

  private void refcountOrder(int order) throws IOException {
    ImageSoundness.requireForWiderRefcounts(opening.imageName(), file, header);
    TableLocation table = new RefcountWidthChange(opening.imageName(), file, header, order).write();
    file.node().flush(); // I3
    header = header.withRefcountOrder(order).withRefcountTable(table);
    file.write(0, HeaderCodec.encodeFields(header));
    file.node().flush();
  }

  private int version() {
    return options
        .given(Qcow2CreateOptions.COMPAT)
        .map(Qcow2CreateOptions.Compat::version)
        .orElse(header.version());
  }

  /** Names another data file; with an empty name, none. */
  private void dataFile(String name) {
    List<HeaderExtension> extensions = new ArrayList<>(header.extensions());
    extensions.removeIf(HeaderExtension.DataFile.class::isInstance);
    if (!name.isEmpty()) {
      extensions.add(new HeaderExtension.DataFile(name));
    }
    header = header.withExtensions(extensions);
  }

  private void dataFileRaw(boolean raw) {
    FeatureBits features = header.features();
    long bit = raw ? FeatureBits.DATA_FILE_RAW : 0;
    header =
        header.withFeatures(
            features.withAutoclear((features.autoclear() & ~FeatureBits.DATA_FILE_RAW) | bit));
  }

  private void lazyRefcounts(boolean on) {
    header = header.withFeatures(header.features().withCompatible(FeatureBits.LAZY_REFCOUNTS, on));
  }

  private void rewrite(Qcow2Header changed) throws IOException {
    header = HeaderRewrite.write(opening.imageName(), file, changed); // I3
  }
}
