package dev.platter.graph;

import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.GrowingNode;
import dev.platter.api.HostBacked;
import dev.platter.api.IoVector;
import dev.platter.api.LockableNode;
import dev.platter.api.Permissions;
import dev.platter.api.Preallocation;
import dev.platter.api.PromptNode;
import dev.platter.api.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** A node that stands for a host file and keeps its bytes in memory. */
record MemoryFile(String name, Path path, BlockNode bytes, Runnable onClose, Locks locks)
    implements GrowingNode, HostBacked, LockableNode, PromptNode {
  /** What keeps account of a file's locks. */
  interface Locks {
    void lock(Permissions permissions) throws IOException;
  }

  @Override
  public void lock(Permissions permissions) throws IOException {
    locks.lock(permissions);
  }

  @Override
  public Object fileKey() {
    return path.normalize();
  }

  @Override
  public long allocatedBytes() {
    return bytes.size();
  }

  @Override
  public long size() {
    return bytes.size();
  }

  @Override
  public boolean readOnly() {
    return bytes.readOnly();
  }

  @Override
  public BlockLimits limits() {
    return bytes.limits();
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    bytes.read(offset, dst);
  }

  @Override
  public boolean promptReads() {
    return bytes instanceof PromptNode node && node.promptReads();
  }

  @Override
  public boolean readPromptly(long offset, MemorySegment dst) throws IOException {
    return bytes instanceof PromptNode node && node.readPromptly(offset, dst);
  }

  @Override
  public void read(long offset, IoVector dst) throws IOException {
    bytes.read(offset, dst);
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    bytes.write(offset, src);
  }

  @Override
  public void write(long offset, IoVector src) throws IOException {
    bytes.write(offset, src);
  }

  @Override
  public void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    bytes.writeZeroes(offset, length, mode);
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    bytes.discard(offset, length);
  }

  @Override
  public void flush() throws IOException {
    bytes.flush();
  }

  @Override
  public Extent extent(long offset, long length) throws IOException {
    return bytes.extent(offset, length);
  }

  @Override
  public void resize(long newSize, Preallocation preallocation) throws IOException {
    bytes.resize(newSize, preallocation);
  }

  @Override
  public void close() throws IOException {
    bytes.close();
    onClose.run();
  }
}
