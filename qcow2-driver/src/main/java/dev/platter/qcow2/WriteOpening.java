package dev.platter.qcow2;

import dev.platter.api.driver.BlockEvent;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.driver.FormatOpening;
import dev.platter.api.error.CorruptImageException;
import java.io.IOException;
import java.util.function.Consumer;

/** What is done to an image before the first write to it can happen. */
final class WriteOpening {
  private WriteOpening() {}

  /**
   * Repairs an image that was not closed properly, and clears the bits of features that its
   * contents will no longer agree with.
   *
   * @return the header as it is now, durably
   * @throws CorruptImageException if the repair could not see everything
   */
  static Qcow2Header prepare(FormatOpening opening, Qcow2Header header) throws IOException {
    Qcow2Header repaired = header.features().dirty() ? repair(opening) : header;
    long kept = repaired.features().autoclear() & FeatureBits.KNOWN_AUTOCLEAR;
    if (repaired.features().autoclear() == kept) {
      return repaired;
    }
    Qcow2Header cleared = repaired.withFeatures(repaired.features().withAutoclear(kept));
    ImageFile file = new ImageFile(opening.file());
    file.write(0, HeaderCodec.encodeFields(cleared));
    file.node().flush();
    return HeaderCodec.decode(opening.imageName(), file);
  }

  private static Qcow2Header repair(FormatOpening opening) throws IOException {
    String imageName = opening.imageName();
    String nodeName = opening.nodeName();
    Consumer<BlockEvent> events = opening.environment().events();
    CheckReport report =
        Qcow2Checker.check(
            imageName,
            opening.file(),
            Repair.ALL,
            finding -> events.accept(new BlockEvent.RepairFinding(nodeName, finding)));
    if (report.checkErrors() > 0) {
      throw new CorruptImageException(imageName, "Could not repair dirty image");
    }
    events.accept(
        new BlockEvent.Warning(
            nodeName,
            "the image was not closed properly; mended %d errors and %d leaks"
                .formatted(report.corruptionsFixed(), report.leaksFixed())));
    return HeaderCodec.decode(imageName, new ImageFile(opening.file()));
  }
}
