package dev.platter.qcow2;

import dev.platter.api.driver.FormatOpening;
import dev.platter.api.error.ImageFormatException;
import java.io.IOException;

/** Which images with an acceptable header can be opened, and how. */
final class OpenRules {
  private OpenRules() {}

  /**
   * Lets an image be opened by returning.
   *
   * @throws ImageFormatException if it must not be opened so
   */
  static void check(FormatOpening opening, Qcow2Header header) throws IOException {
    String imageName = opening.imageName();
    FeatureBits features = header.features();
    if (features.corrupt() && !opening.readOnly()) {
      throw new ImageFormatException(
          imageName, "qcow2: Image is corrupt; cannot be opened read/write");
    }
    if (header.snapshotTable().count() > 0) {
      SnapshotTable.read(imageName, new ImageFile(opening.file()), header);
    }
    checkDataFile(imageName, features);
  }

  /** Lets an image pass whose header does not contradict itself in matters of the data file. */
  static void checkDataFile(String imageName, FeatureBits features) throws ImageFormatException {
    if (features.dataFileRaw() && !features.dataFile()) {
      throw new ImageFormatException(imageName, "data-file-raw requires a data file");
    }
  }
}
