package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.IoVector;
import dev.platter.api.PromptNode;
import dev.platter.api.Ranges;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.InFlight;
import dev.platter.api.driver.Mapping;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalInt;

/**
 * Reads what the host has in memory, and throws {@link WouldWait} for everything else: also for
 * what would take a processor long, such as to decompress or to decrypt.
 */
abstract sealed class PromptTransfer<M> implements Transfer<M> {
  /** To a single segment. */
  static final PromptTransfer<MemorySegment> SEGMENT = new ToSegment();

  /** To several segments; a run of the chain that is not all of the request takes a vector. */
  static final PromptTransfer<IoVector> VECTOR = new ToVector();

  private final Transfer<M> plain;

  /**
   * @param plain moves bytes to the same kind of memory, and may wait
   */
  private PromptTransfer(Transfer<M> plain) {
    this.plain = plain;
  }

  // Classes, and no functions that are given: each step less between a request and its system call
  // lets the compiler see more of it at once, and so make fewer objects.

  private static final class ToSegment extends PromptTransfer<MemorySegment> {
    ToSegment() {
      super(SegmentTransfer.INSTANCE);
    }

    @Override
    boolean tryRead(BlockNode node, long offset, MemorySegment memory, long at, long length)
        throws IOException {
      return node instanceof PromptNode prompt
          && prompt.readPromptly(offset, SegmentTransfer.part(memory, at, length));
    }
  }

  private static final class ToVector extends PromptTransfer<IoVector> {
    ToVector() {
      super(VectorTransfer.INSTANCE);
    }

    @Override
    boolean tryRead(BlockNode node, long offset, IoVector memory, long at, long length)
        throws IOException {
      return node instanceof PromptNode prompt
          && prompt.readPromptly(offset, memory.slice(at, length));
    }
  }

  /**
   * Reads through a chain; false if that would wait, or if requests are held at its top.
   *
   * @param requests where requests are counted in at the top
   */
  boolean readChain(FormatNode top, InFlight requests, long offset, M memory, long length)
      throws IOException {
    OptionalInt request = requests.tryEnter();
    if (request.isEmpty()) {
      return false;
    }
    try {
      Ranges.check(top.name(), top.size(), offset, length);
      ChainReader.read(this, top, offset, memory, 0, length);
      return true;
    } catch (WouldWait e) {
      return false;
    } finally {
      requests.exit(request.getAsInt());
    }
  }

  /** Reads from a node; false if that would wait, or if the node cannot tell. */
  abstract boolean tryRead(BlockNode node, long offset, M memory, long at, long length)
      throws IOException;

  @Override
  public void read(BlockNode node, long offset, M memory, long at, long length) throws IOException {
    if (!tryRead(node, offset, memory, at, length)) {
      throw new WouldWait();
    }
  }

  @Override
  public void write(BlockNode node, long offset, M memory, long at, long length) {
    throw new UnsupportedOperationException("only reads are done promptly");
  }

  @Override
  public void readEncoded(
      FormatDriver driver,
      Mapping.Encoded encoded,
      long guestOffset,
      M memory,
      long at,
      long length)
      throws IOException {
    throw new WouldWait();
  }

  @Override
  public boolean mayWalk() {
    return false;
  }

  @Override
  public void zero(M memory, long at, long length) throws IOException {
    plain.zero(memory, at, length);
  }

  @Override
  public List<MemorySegment> segments(M memory, long at, long length) throws IOException {
    throw new WouldWait(); // asked for by what decrypts
  }
}
