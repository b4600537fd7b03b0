package dev.platter.file;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.platter.api.error.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A queue of Linux's native AIO tells the truth about its requests when the kernel will not. */
@EnabledOnOs(OS.LINUX)
class NativeAioQueueTest {
  private static final int EIO = 5;
  private static final int EINVAL = 22;
  private static final int BYTES = 512;

  @TempDir private Path folder;
  private Path file;
  private int waits;

  @BeforeEach
  void emptyFile() throws IOException {
    file = Files.createFile(folder.resolve("file"));
  }

  @Test
  void requestWhoseEndCannotBeLearntFails() throws Exception {
    NativeAioQueue queue = open((_, _, _) -> -EINVAL);

    assertThat(write(queue, 0)).isEqualTo(-EINVAL);
    assertThat(queue.usable()).isFalse();
  }

  @Test
  void requestsAfterOneWhoseEndCouldNotBeLearntFailAndMoveNothing() throws Exception {
    NativeAioQueue queue = open((_, _, _) -> -EINVAL);
    write(queue, 0);
    long sizeBefore = Files.size(file);

    assertThat(write(queue, BYTES)).isEqualTo(-EIO);
    assertThat(Files.size(file)).isEqualTo(sizeBefore).isEqualTo(BYTES);
  }

  @Test
  void waitThatASignalInterruptsIsMadeAgain() throws Exception {
    NativeAioQueue queue =
        open(
            (context, event, kept) ->
                waits++ < 2
                    ? -4
                    : NativeAioQueue.EventWait.BY_SYSTEM_CALL.await(context, event, kept));

    assertThat(write(queue, 0)).isEqualTo(BYTES);
    assertThat(queue.usable()).isTrue();
    assertThat(waits).isEqualTo(3);
  }

  private static NativeAioQueue open(NativeAioQueue.EventWait events) {
    try {
      return NativeAioQueue.open(events);
    } catch (UnsupportedFeatureException e) {
      return abort("no native AIO here: " + e.getMessage());
    }
  }

  /** Writes ones to the file, through the page cache. */
  private long write(NativeAioQueue queue, long offset) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(BYTES, BYTES).fill((byte) 1);
      MemorySegment vector = arena.allocate(LibC.IOVEC_BYTES, Long.BYTES);
      vector.set(JAVA_LONG, 0, data.address());
      vector.set(JAVA_LONG, Long.BYTES, BYTES);
      int fd = LibC.open(arena.allocateFrom(file.toString()), LibC.O_RDWR, 0);
      assertThat(fd).isNotNegative();
      try {
        return queue.perform(true, fd, vector, 1, offset, data);
      } finally {
        LibC.close(fd);
      }
    }
  }
}
