package dev.platter.tck.fake;

import dev.platter.api.BlockNode;
import dev.platter.api.IoVector;
import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.ForwardingNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A node that passes requests on to another and keeps an ordered log of those that succeeded.
 *
 * <p>Threads: any number. Changes and flushes run one at a time, so that the log's order is the
 * order in which they took effect; reads run beside them.
 */
public final class RecordingNode extends ForwardingNode {
  private final Consumer<Operation> listener;
  private final List<Operation> log = new ArrayList<>();

  /** Starts an empty log. {@code below} is closed with this node. */
  public RecordingNode(BlockNode below) {
    this(below, _ -> {});
  }

  /**
   * Starts an empty log, and tells somebody else too.
   *
   * @param below closed with this node
   * @param listener told of each operation as it enters the log, in the same order
   */
  public RecordingNode(BlockNode below, Consumer<Operation> listener) {
    super(below.name(), below);
    this.listener = listener;
  }

  /** The log so far, oldest first; a copy. */
  public synchronized List<Operation> log() {
    return List.copyOf(log);
  }

  /** The operations of one type, oldest first. */
  public <T extends Operation> List<T> log(Class<T> type) {
    return only(type).toList();
  }

  /** The log without reads, oldest first. */
  public List<Operation> changes() {
    return log().stream().filter(operation -> !(operation instanceof Operation.Read)).toList();
  }

  /** How many operations of this type are in the log. */
  public long count(Class<? extends Operation> type) {
    return only(type).count();
  }

  /** Adds a mark to the log: all that the log holds before it had happened by now. */
  public void mark(String text) {
    add(new Operation.Mark(text));
  }

  /** Empties the log. */
  public synchronized void clear() {
    log.clear();
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    below().read(offset, dst);
    add(new Operation.Read(offset, dst.byteSize()));
  }

  @Override
  public void read(long offset, IoVector dst) throws IOException {
    below().read(offset, dst);
    add(new Operation.Read(offset, dst.byteSize()));
  }

  @Override
  public synchronized void write(long offset, MemorySegment src) throws IOException {
    MemorySegment bytes = MemorySegment.ofArray(src.toArray(ValueLayout.JAVA_BYTE)).asReadOnly();
    below().write(offset, bytes);
    add(new Operation.Write(offset, bytes));
  }

  @Override
  public void write(long offset, IoVector src) throws IOException {
    write(offset, Vectors.join(src));
  }

  @Override
  public synchronized void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    below().writeZeroes(offset, length, mode);
    add(new Operation.WriteZeroes(offset, length, mode));
  }

  @Override
  public synchronized void discard(long offset, long length) throws IOException {
    below().discard(offset, length);
    add(new Operation.Discard(offset, length));
  }

  @Override
  public synchronized void flush() throws IOException {
    below().flush();
    add(new Operation.Flush());
  }

  @Override
  public synchronized void resize(long newSize, Preallocation preallocation) throws IOException {
    below().resize(newSize, preallocation);
    add(new Operation.Resize(newSize));
  }

  @Override
  public void close() throws IOException {
    below().close();
  }

  /** The log, one operation a line. */
  @Override
  public String toString() {
    return log().stream()
        .map(Operation::toString)
        .collect(Collectors.joining("\n", name() + ":\n", ""));
  }

  private <T extends Operation> Stream<T> only(Class<T> type) {
    return log().stream().filter(type::isInstance).map(type::cast);
  }

  private synchronized void add(Operation operation) {
    log.add(operation);
    listener.accept(operation);
  }
}
