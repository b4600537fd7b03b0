package dev.platter.tck.crash;

import dev.platter.api.BlockNode;
import dev.platter.tck.fake.Operation;
import dev.platter.tck.fake.RecordingNode;
import java.util.ArrayList;
import java.util.List;

/**
 * One log for several disks, so that it is known what came first: the files of a chain, for
 * instance.
 *
 * <p>Threads: any number; the log has the order in which operations ended.
 */
public final class DiskLog {

  /**
   * An entry.
   *
   * @param diskIndex which disk it happened to; marks are of all disks
   */
  public record Entry(int diskIndex, Operation operation) {}

  private final List<Entry> entries = new ArrayList<>();

  /** An empty log. */
  public DiskLog() {}

  /** The log of one disk, with the index 0, as a {@link RecordingNode} recorded it. */
  public static DiskLog of(List<Operation> operations) {
    DiskLog log = new DiskLog();
    operations.forEach(operation -> log.add(0, operation));
    return log;
  }

  /** Puts a node on a disk that enters into this log what is done to it. */
  public RecordingNode record(int diskIndex, BlockNode disk) {
    return new RecordingNode(disk, operation -> add(diskIndex, operation));
  }

  /** Adds a mark: all that the log holds before it had happened by now. */
  public void mark(String text) {
    add(0, new Operation.Mark(text));
  }

  /** Adds what was done to a disk. */
  public synchronized void add(int diskIndex, Operation operation) {
    entries.add(new Entry(diskIndex, operation));
  }

  /** The log so far, oldest first; a copy. */
  public synchronized List<Entry> entries() {
    return List.copyOf(entries);
  }
}
