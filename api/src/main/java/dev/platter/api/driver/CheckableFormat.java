package dev.platter.api.driver;

import java.io.IOException;
import java.util.function.Consumer;

/** A format driver whose images can be checked, and perhaps repaired. */
public interface CheckableFormat {

  /** What a check may mend. */
  enum Repair {
    NONE,
    LEAKS,
    ALL
  }

  /**
   * Checks the image; with a repair, mends it.
   *
   * @param findings takes one line for each finding, as it is made
   * @return what was found, as it stands after the repair
   */
  CheckReport check(Repair repair, Consumer<String> findings) throws IOException;

  /**
   * What a check found.
   *
   * @param imageEndOffset the end of the last cluster in use
   * @param totalClusters clusters of the virtual disk
   * @param allocatedClusters of those, the ones that hold data
   * @param fragmentedClusters of those, the ones that do not follow their predecessor
   * @param compressedClusters of those, the ones that are compressed
   * @param corruptions findings that endanger data
   * @param leaks clusters that are counted and not used
   * @param corruptionsFixed corruptions that were mended
   * @param leaksFixed leaks that were mended
   * @param checkErrors findings that kept the check itself from seeing everything
   */
  record CheckReport(
      long imageEndOffset,
      long totalClusters,
      long allocatedClusters,
      long fragmentedClusters,
      long compressedClusters,
      long corruptions,
      long leaks,
      long corruptionsFixed,
      long leaksFixed,
      long checkErrors) {

    /** Whether nothing is wrong. */
    public boolean clean() {
      return corruptions == 0 && leaks == 0 && checkErrors == 0;
    }
  }
}
