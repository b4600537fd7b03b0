package dev.platter.file;

import dev.platter.api.BlockLimits;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;

/**
 * A file behind one of Java's channels: works on every host, without holes and direct I/O.
 *
 * <p>An interrupt of a thread that is inside a channel's I/O closes the channel for everybody. So
 * only {@link PrivateThreads}, which nobody interrupts, ever touch it. They cannot touch memory
 * that is confined to the caller's thread either, hence the caller copies through its bounce
 * buffer.
 */
final class ChannelFile implements OpenFile {
  private final String fileName;
  private final FileChannel channel;
  private final FileKey key;
  private final boolean device;

  /**
   * Takes over a channel.
   *
   * @param device whether it is a device's, whose size is what it is
   */
  ChannelFile(String fileName, FileChannel channel, FileKey key, boolean device) {
    this.fileName = fileName;
    this.channel = channel;
    this.key = key;
    this.device = device;
  }

  @Override
  public FileKey key() {
    return key;
  }

  @Override
  public boolean isAt(Path path) {
    return true;
  }

  @Override
  public ByteLocks locks() {
    return ByteLocks.NONE;
  }

  @Override
  public long size() throws IOException {
    return call("find the end", channel::size);
  }

  /** The size: Java does not say how much of it is stored. */
  @Override
  public long allocatedBytes() throws IOException {
    return size();
  }

  @Override
  public BlockLimits limits() {
    return BlockLimits.NONE;
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    read(offset, List.of(dst));
  }

  @Override
  public void read(long offset, List<MemorySegment> dst) throws IOException {
    long length = totalBytes(dst);
    SegmentCursor cursor = new SegmentCursor(dst);
    MemorySegment buffer = ThreadBuffers.current().bounce(length);
    for (long done = 0; done < length; ) {
      MemorySegment part = buffer.asSlice(0, Math.min(buffer.byteSize(), length - done));
      ByteBuffer bytes = part.asByteBuffer();
      long at = offset + done;
      call("read %d bytes at 0x%x".formatted(length, offset), () -> readFully(bytes, at));
      part.asSlice(bytes.position()).fill((byte) 0);
      cursor.scatter(part);
      done += part.byteSize();
    }
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    write(offset, List.of(src));
  }

  @Override
  public void write(long offset, List<MemorySegment> src) throws IOException {
    long length = totalBytes(src);
    SegmentCursor cursor = new SegmentCursor(src);
    MemorySegment buffer = ThreadBuffers.current().bounce(length);
    for (long done = 0; done < length; ) {
      MemorySegment part = buffer.asSlice(0, Math.min(buffer.byteSize(), length - done));
      cursor.gather(part);
      ByteBuffer bytes = part.asByteBuffer();
      long at = offset + done;
      call("write %d bytes at 0x%x".formatted(length, offset), () -> writeFully(bytes, at));
      done += part.byteSize();
    }
  }

  /** Fills {@code bytes}, or stops at the end of the file. */
  private long readFully(ByteBuffer bytes, long offset) throws IOException {
    while (bytes.hasRemaining()) {
      int n = channel.read(bytes, offset + bytes.position());
      if (n < 0) {
        break;
      }
    }
    return bytes.position();
  }

  private long writeFully(ByteBuffer bytes, long offset) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes, offset + bytes.position());
    }
    return bytes.position();
  }

  @Override
  public void truncate(long size) throws IOException {
    call("set the size to %d bytes".formatted(size), () -> setSize(size));
  }

  private long setSize(long size) throws IOException {
    if (device && size > channel.size()) {
      throw new BlockIoException(fileName, "grow the device", Errno.ENOSPC);
    } else if (size > channel.size()) {
      writeFully(ByteBuffer.allocate(1), size - 1); // a channel grows only by being written
    } else if (!device) {
      channel.truncate(size);
    }
    return size;
  }

  @Override
  public boolean punch(long offset, long length) {
    return false;
  }

  @Override
  public boolean zero(long offset, long length) {
    return false;
  }

  @Override
  public boolean allocate(long offset, long length) {
    return false;
  }

  @Override
  public long nextData(long offset) {
    return offset;
  }

  @Override
  public long nextHole(long offset) {
    return Long.MAX_VALUE;
  }

  @Override
  public void sync() throws BlockIoException {
    call(
        "flush",
        () -> {
          if (!device || channel.size() > 0) { // the host calls it an error to flush nothing
            channel.force(false);
          }
          return 0;
        });
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private long call(String what, PrivateThreads.Task task) throws BlockIoException {
    try {
      return PrivateThreads.call(task);
    } catch (IOException e) {
      throw new BlockIoException(fileName, what, ChannelErrors.errno(e), e);
    }
  }

  private static long totalBytes(List<MemorySegment> segments) {
    return segments.stream().mapToLong(MemorySegment::byteSize).sum();
  }
}
