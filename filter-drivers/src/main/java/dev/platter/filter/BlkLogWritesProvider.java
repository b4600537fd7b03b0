package dev.platter.filter;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.FilterDriverProvider;
import dev.platter.api.driver.FilterOpening;
import dev.platter.api.error.OptionException;
import dev.platter.api.error.ReadOnlyNodeException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValues;
import java.io.IOException;
import java.util.Set;

/** Filter driver {@code blklogwrites}. */
public final class BlkLogWritesProvider implements FilterDriverProvider {
  private static final String LOG = "log";
  private static final int MAXIMUM_SECTOR_BYTES = 1 << 23;

  static final Option<Boolean> LOG_APPEND =
      Option.flag("log-append")
          .defaultValue(false)
          .doc("Append to the log that is there instead of beginning a new one.")
          .since("3.0")
          .build();
  static final Option<Long> LOG_SECTOR_SIZE =
      Option.size("log-sector-size")
          .defaultValue(512L)
          .doc(
              "Bytes in a sector of the log, a power of two from 512 to 8 MiB; that of the log"
                  + " which is appended to must be the same.")
          .since("3.0")
          .build();
  static final Option<Long> LOG_SUPER_UPDATE_INTERVAL =
      Option.number("log-super-update-interval", 0, Long.MAX_VALUE)
          .defaultValue(4096L)
          .doc("Entries between two updates of the log's super block; a flush updates it too.")
          .since("3.0")
          .build();

  /** For {@link java.util.ServiceLoader}. */
  public BlkLogWritesProvider() {}

  @Override
  public String name() {
    return "blklogwrites";
  }

  @Override
  public String description() {
    return "Logs writes, discards and flushes, in the format of the kernel's dm-log-writes.";
  }

  @Override
  public OptionSchema options() {
    return OptionSchema.of(LOG_APPEND, LOG_SECTOR_SIZE, LOG_SUPER_UPDATE_INTERVAL);
  }

  @Override
  public Set<String> childRoles() {
    return Set.of("file", LOG);
  }

  @Override
  public BlockNode open(FilterOpening opening) throws IOException {
    BlockNode log = opening.children().get(LOG);
    if (log.readOnly()) {
      throw new ReadOnlyNodeException(log.name(), "the log of writes must be writable");
    }
    return new LogWritesNode(opening.nodeName(), opening.child(), log(opening.options(), log));
  }

  private static WriteLog log(OptionValues options, BlockNode node) throws IOException {
    long interval = options.get(LOG_SUPER_UPDATE_INTERVAL);
    if (interval == 0) {
      throw problem(LOG_SUPER_UPDATE_INTERVAL, "Invalid log superblock update interval 0");
    }
    boolean append = options.get(LOG_APPEND);
    if (append && options.given(LOG_SECTOR_SIZE).isPresent()) {
      throw problem(LOG_SECTOR_SIZE, "log-append and log-sector-size are mutually exclusive");
    }
    if (!append || node.size() == 0) {
      return new WriteLog(node, sectorBytes(options), interval, 0, 1);
    }
    WriteLogReader reader = new WriteLogReader(node);
    while (reader.hasNext()) {
      reader.skip();
    }
    return new WriteLog(
        node, reader.sectorBytes(), interval, reader.entryCount(), reader.nextSector());
  }

  private static int sectorBytes(OptionValues options) throws OptionException {
    long bytes = options.get(LOG_SECTOR_SIZE);
    if (bytes < 512 || bytes > MAXIMUM_SECTOR_BYTES || Long.bitCount(bytes) != 1) {
      throw problem(LOG_SECTOR_SIZE, "Invalid log sector size " + bytes);
    }
    return (int) bytes;
  }

  private static OptionException problem(Option<?> option, String message) {
    return new OptionException(OptionProblem.of(option.name(), message));
  }
}
