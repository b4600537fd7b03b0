package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.BlockDriverProvider;
import dev.platter.api.driver.DriverLookup;
import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.api.error.ImageFormatException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Finds an image's format by showing its beginning to every format driver. */
public final class Prober {
  /** The format of files that have none: every file can be taken for it. */
  static final String RAW = "raw";

  private final DriverLookup drivers;

  /** A prober that knows the formats of these drivers. */
  public Prober(DriverLookup drivers) {
    this.drivers = drivers;
  }

  /**
   * The format of the image that {@code file} holds.
   *
   * @param fileName its name, of which a driver may make something
   * @throws ImageFormatException if no format takes it, or raw alone and it is known to be another
   */
  public FormatDriverProvider probe(BlockNode file, String fileName) throws IOException {
    int length = (int) Math.min(FormatDriverProvider.PROBE_BYTES, file.size());
    MemorySegment head = MemorySegment.ofArray(new byte[length]);
    file.read(0, head);
    return probe(head, fileName);
  }

  /**
   * The format of an image that begins with {@code head}: the one that is most sure; of several,
   * the first by name.
   *
   * @throws ImageFormatException if no format takes it, or raw alone and it is known to be another
   */
  FormatDriverProvider probe(MemorySegment head, String fileName) throws ImageFormatException {
    Optional<FormatDriverProvider> best = best(head, fileName);
    Optional<String> foreign = foreign(best, head, fileName);
    if (foreign.isPresent()) {
      throw new ImageFormatException(
          fileName,
          "Image is in format '%s', for which there is no driver here".formatted(foreign.get()),
          "Give the format 'raw' to take its bytes as they are");
    }
    return best.orElseThrow(
        () -> new ImageFormatException(fileName, "no driver knows the format of this image"));
  }

  /** The name of the format of such an image, also of one without a driver; raw if it has none. */
  String formatName(MemorySegment head, String fileName) {
    Optional<FormatDriverProvider> best = best(head, fileName);
    return foreign(best, head, fileName).or(() -> best.map(BlockDriverProvider::name)).orElse(RAW);
  }

  private Optional<FormatDriverProvider> best(MemorySegment head, String fileName) {
    MemorySegment shown = head.asReadOnly();
    FormatDriverProvider best = null;
    int bestScore = 0;
    for (BlockDriverProvider driver : drivers.all()) {
      if (driver instanceof FormatDriverProvider format) {
        int score = format.probe(shown, fileName);
        if (score > bestScore) {
          best = format;
          bestScore = score;
        }
      }
    }
    return Optional.ofNullable(best);
  }

  /** A driver that knows its format better than a table does decides about it. */
  private Optional<String> foreign(
      Optional<FormatDriverProvider> best, MemorySegment head, String fileName) {
    return best.isPresent() && !best.get().name().equals(RAW)
        ? Optional.empty()
        : ForeignFormats.find(head, fileName).filter(name -> drivers.find(name).isEmpty());
  }
}
