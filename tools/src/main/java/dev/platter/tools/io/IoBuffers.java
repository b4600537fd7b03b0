package dev.platter.tools.io;

import dev.platter.api.error.Errno;
import dev.platter.tools.image.ErrorText;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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

  /** Memory that holds a file's contents again and again. */
  static MemorySegment repeated(Arena arena, long length, String fileName) throws IoFailure {
    byte[] pattern;
    if (Files.isDirectory(Path.of(fileName))) {
      throw IoFailure.err(fileName + ": " + Errno.EISDIR.text());
    }
    try {
      pattern = Files.readAllBytes(Path.of(fileName));
    } catch (NoSuchFileException e) {
      throw IoFailure.err(fileName + ": No such file or directory");
    } catch (IOException e) {
      throw IoFailure.err(fileName + ": " + ErrorText.ofRequest(e));
    }
    if (pattern.length == 0 || length == 0) { // no more is read than is needed
      throw IoFailure.err(fileName + ": file is empty");
    }
    MemorySegment memory = allocate(arena, length);
    for (long at = 0; at < length; at += pattern.length) {
      long part = Math.min(pattern.length, length - at);
      MemorySegment.copy(MemorySegment.ofArray(pattern), 0, memory, at, part);
    }
    return memory;
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
