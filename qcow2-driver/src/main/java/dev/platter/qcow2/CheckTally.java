package dev.platter.qcow2;

import dev.platter.api.driver.CheckableFormat.CheckReport;
import java.util.function.Consumer;

/**
 * What a check has found so far.
 *
 * <p>Threads: one.
 */
final class CheckTally {
  private final Consumer<String> findings;

  long allocatedClusters;
  long fragmentedClusters;
  long compressedClusters;
  long corruptions;
  long leaks;
  long corruptionsFixed;
  long leaksFixed;
  long checkErrors;

  /**
   * @param findings takes each finding's line
   */
  CheckTally(Consumer<String> findings) {
    this.findings = findings;
  }

  /** A tally that keeps its findings to itself. */
  static CheckTally silent() {
    return new CheckTally(line -> {});
  }

  /** Says something that is not counted here. */
  void note(String line) {
    findings.accept(line);
  }

  /** Counts a corruption. */
  void corruption(String line) {
    corruptions++;
    findings.accept(line);
  }

  /** Counts a corruption that several entries lead to, and says it once. */
  void corruption(String line, long times) {
    corruptions += times;
    findings.accept(line);
  }

  /** Counts a corruption that has been mended. */
  void mended(String line) {
    corruptionsFixed++;
    findings.accept(line);
  }

  /** Counts something that keeps the check from seeing everything. */
  void checkError(String line) {
    checkErrors++;
    findings.accept(line);
  }

  /** Whether nothing is wrong that was not mended. */
  boolean clean() {
    return corruptions == 0 && leaks == 0 && checkErrors == 0;
  }

  CheckReport report(long imageEndOffset, long totalClusters) {
    return new CheckReport(
        imageEndOffset,
        totalClusters,
        allocatedClusters,
        fragmentedClusters,
        compressedClusters,
        corruptions,
        leaks,
        corruptionsFixed,
        leaksFixed,
        checkErrors);
  }
}
