package dev.platter.tools.img;

import dev.platter.conf.CacheMode;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.Getopt;
import dev.platter.tools.image.ImageArgument;
import dev.platter.tools.text.SizeArgument;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a {@code convert} is asked to do.
 *
 * @param sources the images to copy, in order
 * @param target where to
 * @param outputFormat the format to make; empty where the target's option string says it
 * @param createOptions each {@code -o}
 * @param backingFile the backing file of the target
 * @param backingFormat its format
 * @param skipCreation whether the target exists already
 * @param targetIsZero whether the target is known to read as zeros
 * @param sparseBytes runs of zeros as long as this are not written; 0 to write everything
 * @param workers how many parts are copied at once
 * @param anyOrder whether parts may be written in any order
 * @param offloaded whether the host is to copy, where it can
 * @param compressed whether data is written compressed
 * @param salvage whether what cannot be read is passed over
 * @param quiet whether nothing is said about that
 * @param bytesPerSecond the most to be written, 0 for no limit
 * @param snapshot the snapshot of the source to copy instead of its disk
 * @param forceShare whether another process may be writing to a source
 */
record ConvertRequest(
    List<ImageArgument> sources,
    ImageArgument target,
    Optional<String> outputFormat,
    List<String> createOptions,
    Optional<String> backingFile,
    Optional<String> backingFormat,
    boolean skipCreation,
    boolean targetIsZero,
    int sparseBytes,
    int workers,
    boolean anyOrder,
    boolean offloaded,
    boolean compressed,
    boolean salvage,
    boolean quiet,
    long bytesPerSecond,
    CacheMode sourceCache,
    CacheMode targetCache,
    Optional<SnapshotArgument> snapshot,
    boolean forceShare) {
  private static final int SECTOR_BYTES = 512;
  private static final int DEFAULT_SPARSE_BYTES = 4096;
  private static final int SPARSE_MAXIMUM_BYTES = 16 << 20;
  private static final int DEFAULT_WORKERS = 8;
  private static final int WORKER_MAXIMUM = 16;

  /** Reads it from a command line. */
  static ConvertRequest of(Getopt.Parsed given) throws CommandFailure {
    int sparseBytes = sparseBytes(given.last("S"));
    int workers = workers(given.last("m"));
    long rate = rate(given.last("r"));
    checkCombinations(given);
    List<String> names = given.operands();
    if (names.size() < 2) {
      throw new CommandFailure("Must specify image file name");
    }
    boolean imageOpts = given.has("image-opts");
    boolean targetOpts = given.has("target-image-opts");
    if ((imageOpts && given.has("f")) || (targetOpts && given.has("O"))) {
      throw new CommandFailure("--image-opts and --format are mutually exclusive");
    }
    Optional<String> outputFormat =
        targetOpts ? Optional.empty() : Optional.of(given.last("O").orElse("raw"));
    Stream<String> sourceNames = names.subList(0, names.size() - 1).stream();
    return new ConvertRequest(
        sourceNames.map(name -> new ImageArgument(name, given.last("f"), imageOpts)).toList(),
        new ImageArgument(names.getLast(), outputFormat, targetOpts),
        outputFormat,
        given.all("o"),
        given.last("B"),
        given.last("F"),
        given.has("n"),
        given.has("target-is-zero"),
        sparseBytes,
        workers,
        given.has("W"),
        given.has("C"),
        given.has("c"),
        given.has("salvage"),
        given.has("q"),
        rate,
        cache(given.last("T").orElse("writeback"), "Invalid source cache option: "),
        cache(given.last("t").orElse("unsafe"), "Invalid cache option: "),
        given.has("l")
            ? Optional.of(SnapshotArgument.parse(given.last("l").orElseThrow()))
            : Optional.empty(),
        given.has("U"));
  }

  private static void checkCombinations(Getopt.Parsed given) throws CommandFailure {
    refuse(given.has("C") && given.has("c"), "Cannot enable copy offloading when -c is used");
    refuse(given.has("C") && given.has("S"), "Cannot enable copy offloading when -S is used");
    refuse(given.has("C") && given.has("salvage"), "Cannot use copy offloading in salvaging mode");
    refuse(given.has("n") && given.has("o"), "-o has no effect when skipping image creation");
    refuse(
        given.has("target-is-zero") && !given.has("n"), "--target-is-zero requires use of -n flag");
    refuse(
        given.has("target-image-opts") && !given.has("n"),
        "--target-image-opts requires use of -n flag");
    refuse(
        given.has("skip-broken-bitmaps") && !given.has("bitmaps"),
        "Use of --skip-broken-bitmaps requires --bitmaps");
  }

  private static void refuse(boolean wrong, String message) throws CommandFailure {
    if (wrong) {
      throw new CommandFailure(message);
    }
  }

  private static CacheMode cache(String word, String refusal) throws CommandFailure {
    return ImgSession.cache(word, refusal + word);
  }

  private static int sparseBytes(Optional<String> text) throws CommandFailure {
    if (text.isEmpty()) {
      return DEFAULT_SPARSE_BYTES;
    }
    long bytes = SizeArgument.parse("buffer size for sparse output", text.get());
    if (bytes % SECTOR_BYTES != 0 || bytes > SPARSE_MAXIMUM_BYTES) {
      throw new CommandFailure(
          "Invalid buffer size for sparse output specified. Valid sizes are multiples of %d up to"
                  .formatted(SECTOR_BYTES)
              + " %d. Select 0 to disable sparse detection (fully allocates output)."
                  .formatted(SPARSE_MAXIMUM_BYTES));
    }
    return (int) bytes;
  }

  private static long rate(Optional<String> text) throws CommandFailure {
    return text.isPresent() ? SizeArgument.parse("rate limit", text.get()) : 0;
  }

  private static int workers(Optional<String> text) throws CommandFailure {
    if (text.isEmpty()) {
      return DEFAULT_WORKERS;
    }
    return SizeArgument.wholeNumber(text.get())
        .filter(number -> number >= 1 && number <= WORKER_MAXIMUM)
        .orElseThrow(
            () ->
                new CommandFailure(
                    "Invalid number of coroutines. Allowed number of coroutines is between 1 and "
                        + WORKER_MAXIMUM))
        .intValue();
  }
}
