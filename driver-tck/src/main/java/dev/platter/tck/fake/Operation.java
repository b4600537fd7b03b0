package dev.platter.tck.fake;

import dev.platter.api.ZeroMode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A request that a {@link RecordingNode} passed on and that succeeded. */
public sealed interface Operation {

  /** A read of {@code length} bytes. */
  record Read(long offset, long length) implements Operation {
    @Override
    public String toString() {
      return "read 0x%x +%d".formatted(offset, length);
    }
  }

  /** A write; {@code bytes} is the log's own copy, read-only. */
  record Write(long offset, MemorySegment bytes) implements Operation {
    @Override
    public String toString() {
      long shown = Math.min(8, bytes.byteSize());
      StringBuilder head = new StringBuilder();
      for (long i = 0; i < shown; i++) {
        head.append("%02x".formatted(bytes.get(ValueLayout.JAVA_BYTE, i)));
      }
      return "write 0x%x +%d %s%s"
          .formatted(offset, bytes.byteSize(), head, shown < bytes.byteSize() ? ".." : "");
    }
  }

  /** A zero-write. */
  record WriteZeroes(long offset, long length, ZeroMode mode) implements Operation {
    @Override
    public String toString() {
      return "zero 0x%x +%d %s".formatted(offset, length, mode);
    }
  }

  /** A discard. */
  record Discard(long offset, long length) implements Operation {
    @Override
    public String toString() {
      return "discard 0x%x +%d".formatted(offset, length);
    }
  }

  /** A flush: every change before it in the log is durable. */
  record Flush() implements Operation {
    @Override
    public String toString() {
      return "flush";
    }
  }

  /** A change of size. */
  record Resize(long newSize) implements Operation {
    @Override
    public String toString() {
      return "resize 0x%x".formatted(newSize);
    }
  }

  /** Something that happened above the node and that the log's reader wants to place in time. */
  record Mark(String text) implements Operation {
    @Override
    public String toString() {
      return "mark " + text;
    }
  }
}
