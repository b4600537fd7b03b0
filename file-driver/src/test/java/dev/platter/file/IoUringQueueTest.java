package dev.platter.file;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.platter.api.error.UnsupportedFeatureException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A ring whose calls fail before the kernel has taken a request, or while it is under way: as when
 * a pipe is read to which nobody has written yet.
 */
@EnabledOnOs(OS.LINUX)
@Timeout(60)
class IoUringQueueTest {
  private static final int EAGAIN = 11;
  private static final int EBUSY = 16;
  private static final int PIPE_BYTES = 512;
  private static final int FILE_BYTES = 256;

  @TempDir private Path folder;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment fromPipe = arena.allocate(PIPE_BYTES);
  private final MemorySegment fromFile = arena.allocate(FILE_BYTES);
  private int pipe = -1;
  private int file = -1;
  private int calls;

  @BeforeEach
  void makeFiles() throws Exception {
    assumeTrue(HostPlatform.hasNativeCalls(), "no native calls on this host");
    Path fifo = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
    byte[] bytes = new byte[FILE_BYTES];
    Arrays.fill(bytes, (byte) 'f');
    pipe = open(fifo);
    file = open(Files.write(folder.resolve("file"), bytes));
  }

  @AfterEach
  void closeFiles() {
    if (pipe >= 0) {
      LibC.close(pipe);
    }
    if (file >= 0) {
      LibC.close(file);
    }
    arena.close();
  }

  private int open(Path path) {
    return LibC.open(arena.allocateFrom(path.toString()), LibC.O_RDWR, 0);
  }

  private static IoUringQueue queue(IoUringQueue.Enter enter) {
    try {
      return IoUringQueue.open(enter);
    } catch (UnsupportedFeatureException e) {
      return abort("no io_uring here: " + e.getMessage());
    }
  }

  /** Submits a request, and does not wait for it. */
  private static void submit(int ringFd, MemorySegment kept) {
    assertThat(LibC.systemCall(SystemCall.IO_URING_ENTER, kept, ringFd, 1, 0, 0)).isEqualTo(1);
  }

  private void writeToPipe() {
    byte[] bytes = new byte[PIPE_BYTES];
    Arrays.fill(bytes, (byte) 'p');
    try (FileOutputStream out = new FileOutputStream(folder.resolve("pipe").toFile())) {
      out.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long read(IoUringQueue queue, int fd, MemorySegment dst) {
    MemorySegment vector = arena.allocate(LibC.IOVEC_BYTES, Long.BYTES);
    vector.set(JAVA_LONG, 0, dst.address());
    vector.set(JAVA_LONG, Long.BYTES, dst.byteSize());
    return queue.perform(false, fd, vector, 1, 0, dst);
  }

  private void assertReadsTheFile(IoUringQueue queue) {
    assertThat(read(queue, file, fromFile)).isEqualTo(FILE_BYTES);
    assertThat(fromFile.toArray(JAVA_BYTE)).containsOnly('f');
  }

  /** What a call throws if memory was given back before it, which happens between two calls. */
  @Test
  void requestThatIsGivenUpIsWaitedForAndTheNextGetsItsOwnAnswer() {
    IoUringQueue queue =
        queue(
            (ringFd, submitCount, kept) -> {
              calls++;
              if (calls == 1) {
                submit(ringFd, kept);
                throw new IllegalStateException("Already closed");
              }
              if (calls == 2) {
                assertThat(submitCount).as("submitted twice").isZero();
                writeToPipe();
              }
              return IoUringQueue.Enter.BY_SYSTEM_CALL.enter(ringFd, submitCount, kept);
            });

    assertThatThrownBy(() -> read(queue, pipe, fromPipe)).hasMessage("Already closed");
    assertThat(fromPipe.toArray(JAVA_BYTE)).as("the kernel is done").containsOnly('p');
    assertReadsTheFile(queue);
  }

  @Test
  void requestThatIsUnderWayIsWaitedForWhateverACallReturns() {
    IoUringQueue queue =
        queue(
            (ringFd, submitCount, kept) -> {
              calls++;
              if (calls == 1) {
                submit(ringFd, kept);
                return -EBUSY;
              }
              assertThat(submitCount).as("submitted twice").isZero();
              writeToPipe();
              return IoUringQueue.Enter.BY_SYSTEM_CALL.enter(ringFd, submitCount, kept);
            });

    assertThat(read(queue, pipe, fromPipe)).isEqualTo(PIPE_BYTES);
    assertThat(fromPipe.toArray(JAVA_BYTE)).containsOnly('p');
    assertThat(calls).isEqualTo(2);
  }

  @Test
  void requestThatTheKernelDoesNotTakeFailsAndIsNotDoneLater() {
    IoUringQueue queue =
        queue(
            (ringFd, submitCount, kept) ->
                calls++ == 0
                    ? -EAGAIN
                    : IoUringQueue.Enter.BY_SYSTEM_CALL.enter(ringFd, submitCount, kept));
    writeToPipe();

    assertThat(read(queue, pipe, fromPipe)).isEqualTo(-EAGAIN);
    assertReadsTheFile(queue);
    assertThat(fromPipe.toArray(JAVA_BYTE)).containsOnly(0);
    assertThat(read(queue, pipe, fromPipe)).isEqualTo(PIPE_BYTES);
  }
}
