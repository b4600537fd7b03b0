package dev.platter.raw;

import dev.platter.api.Ranges;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValues;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which bytes of a file are the disk.
 *
 * @param offset where the disk begins in the file, in bytes
 * @param sizeBytes the disk's size, a multiple of the sector
 * @param fixed whether the size was asked for, so that it does not follow the file's
 */
record RawExtent(long offset, long sizeBytes, boolean fixed) {

  /**
   * Finds the extent that options name.
   *
   * @param fileBytes the size of the file
   * @throws OptionException if it does not lie within the file, taken as whole sectors
   */
  static RawExtent of(OptionValues options, long fileBytes) throws OptionException {
    long available = Ranges.alignUp(fileBytes, RawFormat.SECTOR_BYTES);
    long offset = options.get(RawOptions.OFFSET);
    Optional<Long> size = options.find(RawOptions.SIZE);
    List<OptionProblem> problems = new ArrayList<>();
    if (offset > available) {
      problems.add(
          problem(
              RawOptions.OFFSET.name(),
              offset,
              "Offset (%d) cannot be greater than size of the containing file (%d)"
                  .formatted(offset, available),
              "at most " + available));
    } else if (size.isPresent() && size.get() > available - offset) {
      problems.add(
          problem(
              RawOptions.SIZE.name(),
              size.get(),
              ("The sum of offset (%d) and size (%d) has to be smaller or equal to the  actual size"
                      + " of the containing file (%d)")
                  .formatted(offset, size.get(), available),
              "at most " + (available - offset)));
    }
    if (size.isPresent() && size.get() % RawFormat.SECTOR_BYTES != 0) {
      problems.add(
          problem(
              RawOptions.SIZE.name(),
              size.get(),
              "Specified size is not multiple of " + RawFormat.SECTOR_BYTES,
              "a multiple of " + RawFormat.SECTOR_BYTES));
    }
    if (!problems.isEmpty()) {
      throw new OptionException(problems);
    }
    long rest = Ranges.alignUp(available - offset, RawFormat.SECTOR_BYTES);
    return new RawExtent(offset, size.orElse(rest), size.isPresent());
  }

  private static OptionProblem problem(String key, long found, String message, String allowed) {
    return new OptionProblem(key, message, Long.toString(found), allowed, Optional.empty());
  }
}
