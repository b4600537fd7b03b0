package dev.platter.tools.io;

import dev.platter.api.error.Errno;
import dev.platter.tools.image.ErrorText;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The memory of requests: filled, compared and shown. */
final class IoBuffers {
  /** Suits direct I/O. */
  private static final int ALIGNMENT_BYTES = 4096;

  private static final int BYTES_PER_LINE = 16;
  private static final int BYTE_MASK = 0xff;

  private IoBuffers() {}

  /** Memory that holds {@code pattern} everywhere. */
  static MemorySegment filled(Arena arena, long length, int pattern) {
    return allocate(arena, length).fill((byte) pattern);
  }

  /**
   * Memory that holds a file's first bytes, again and again if it has fewer. No more is read than
   * is needed: the file may be a device that has no end.
   *
   * @param length in bytes, below 2^31
   */
  static MemorySegment repeated(Arena arena, long length, String fileName) throws IoFailure {
    if (Files.isDirectory(Path.of(fileName))) {
      throw IoFailure.err(fileName + ": " + Errno.EISDIR.text());
    }
    MemorySegment memory = allocate(arena, length);
    long patternBytes;
    try {
      patternBytes = readFirst(Path.of(fileName), memory);
    } catch (NoSuchFileException e) {
      throw IoFailure.err(fileName + ": No such file or directory");
    } catch (IOException e) {
      throw IoFailure.err(fileName + ": " + ErrorText.ofRequest(e));
    }
    if (patternBytes == 0) {
      throw IoFailure.err(fileName + ": file is empty");
    }
    for (long at = patternBytes; at < length; at += patternBytes) {
      MemorySegment.copy(memory, 0, memory, at, Math.min(patternBytes, length - at));
    }
    return memory;
  }

  /** Fills memory from a file's beginning, as far as the file goes; returns how far. */
  private static long readFirst(Path file, MemorySegment memory) throws IOException {
    ByteBuffer bytes = memory.asByteBuffer();
    try (FileChannel channel = FileChannel.open(file)) {
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
        // until there is no more room or no more file
      }
    }
    return bytes.position();
  }

  private static MemorySegment allocate(Arena arena, long length) {
    return arena.allocate(Math.max(1, length), ALIGNMENT_BYTES).asSlice(0, length);
  }

  /** Whether {@code memory} holds {@code pattern} everywhere. */
  static boolean holds(MemorySegment memory, int pattern) {
    // Every byte equals the one after it, and the first one is the pattern.
    long length = memory.byteSize();
    return length == 0
        || (memory.get(ValueLayout.JAVA_BYTE, 0) == (byte) pattern
            && memory.asSlice(1).mismatch(memory.asSlice(0, length - 1)) == -1);
  }

  /** The bytes in hexadecimal and as text, sixteen a line. */
  static String dump(MemorySegment memory, long offset) {
    StringBuilder text = new StringBuilder();
    for (long line = 0; line < memory.byteSize(); line += BYTES_PER_LINE) {
      text.append("%08x:  ".formatted(offset + line));
      long end = Math.min(line + BYTES_PER_LINE, memory.byteSize());
      StringBuilder letters = new StringBuilder();
      for (long at = line; at < end; at++) {
        int value = memory.get(ValueLayout.JAVA_BYTE, at) & BYTE_MASK;
        text.append("%02x ".formatted(value));
        letters.append(isLetterOrDigit(value) ? (char) value : '.');
      }
      text.append(' ').append(letters).append('\n');
    }
    return text.toString();
  }

  private static boolean isLetterOrDigit(int value) {
    return (value >= '0' && value <= '9')
        || (value >= 'A' && value <= 'Z')
        || (value >= 'a' && value <= 'z');
  }
}
