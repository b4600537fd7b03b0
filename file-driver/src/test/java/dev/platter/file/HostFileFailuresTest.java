package dev.platter.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyList;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.platter.api.BlockLimits;
import dev.platter.api.IoVector;
import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.ReadOnlyNodeException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.mockito.InOrder;

/** What a node makes of the host's failures, which real files do not give on demand. */
class HostFileFailuresTest {
  private final BlockIoException noSpace = new BlockIoException("disk.img", "write", Errno.ENOSPC);
  private final BlockIoException lost = new BlockIoException("disk.img", "flush", Errno.EIO);

  private final OpenFile file = mock(OpenFile.class);
  private HostFile node;

  @BeforeEach
  void open() throws IOException {
    when(file.limits()).thenReturn(BlockLimits.NONE);
    when(file.size()).thenReturn(4096L);
    node =
        new HostFile(
            "disk0", Path.of("disk.img"), file, false, Flusher.syncing("d", file), true, noLock());
  }

  @Test
  void failedFlushIsRememberedForEver() throws IOException {
    doThrow(lost).doNothing().when(file).sync();
    assertThatThrownBy(node::flush).isSameAs(lost);
    assertThatThrownBy(node::flush)
        .isInstanceOfSatisfying(
            BlockIoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EIO))
        .hasCause(lost);
    verify(file, times(1)).sync();
  }

  @Test
  void nothingIsWrittenAfterAFailedFlushAndReadsGoOn() throws IOException {
    doThrow(lost).when(file).sync();
    assertThat(catchThrowable(node::flush)).isSameAs(lost);
    assertThatThrownBy(() -> node.write(0, new byte[1]))
        .isInstanceOf(ReadOnlyNodeException.class)
        .hasMessageContaining("an earlier flush failed: disk.img: flush: Input/output error");
    assertThatThrownBy(() -> node.writeZeroes(0, 1, ZeroMode.MAY_UNMAP))
        .isInstanceOf(ReadOnlyNodeException.class);
    assertThatThrownBy(() -> node.discard(0, 1)).isInstanceOf(ReadOnlyNodeException.class);
    node.read(0, new byte[1]);
    verify(file, never()).write(anyLong(), any(MemorySegment.class));
  }

  @Test
  void closeReportsAFailedFlushAfterItHasLetGoOfTheFile() throws IOException {
    doThrow(lost).when(file).sync();
    assertThatThrownBy(node::close).isSameAs(lost);
    verify(file).close();
    node.close();
    verify(file, times(1)).close();
  }

  @Test
  void closeFlushesBeforeItCloses() throws IOException {
    node.close();
    InOrder order = inOrder(file);
    order.verify(file).sync();
    order.verify(file).close();
  }

  @Test
  void fileThatWasNotChangedSinceTheLastFlushIsNotFlushedAgain() throws IOException {
    node.flush(); // of what others have written before
    node.flush();
    verify(file, times(1)).sync();
    node.write(0, new byte[1]);
    node.flush();
    node.read(0, new byte[1]);
    node.close();
    verify(file, times(2)).sync();
  }

  interface Changing {
    void apply(HostFile node) throws IOException;
  }

  static final List<Changing> CHANGES =
      List.of(
          node -> node.write(0, new byte[1]),
          node -> node.write(0, IoVector.of(MemorySegment.ofArray(new byte[1]))),
          node -> node.writeZeroes(0, 1, ZeroMode.KEEP_ALLOCATED),
          node -> node.writeZeroes(4096, 1, ZeroMode.KEEP_ALLOCATED),
          node -> node.discard(0, 1),
          node -> node.resize(100, Preallocation.OFF));

  @ParameterizedTest
  @FieldSource("CHANGES")
  void everyChangeIsFlushedAlsoIfItFailed(Changing change) throws IOException {
    node.flush();
    change.apply(node);
    node.flush();
    verify(file, times(2)).sync();

    doThrow(noSpace).when(file).write(anyLong(), any(MemorySegment.class));
    doThrow(noSpace).when(file).write(anyLong(), anyList());
    doThrow(noSpace).when(file).zero(anyLong(), anyLong());
    doThrow(noSpace).when(file).punch(anyLong(), anyLong());
    doThrow(noSpace).when(file).truncate(anyLong());
    assertThat(catchThrowable(() -> change.apply(node))).isSameAs(noSpace);
    node.flush();
    verify(file, times(3)).sync();
  }

  @Test
  void changeThatEndsDuringAFlushIsLeftToTheNext() throws IOException {
    doAnswer(
            call -> {
              node.write(0, new byte[1]);
              return null;
            })
        .doNothing()
        .when(file)
        .sync();
    node.flush();
    node.flush();
    node.flush();
    verify(file, times(2)).sync();
  }

  @Test
  void flushThatDiesIsTriedAgain() throws IOException {
    OutOfMemoryError error = new OutOfMemoryError("on purpose");
    doThrow(error).doNothing().when(file).sync();
    assertThatThrownBy(node::flush).isSameAs(error);
    node.flush();
    verify(file, times(2)).sync();
  }

  @Test
  void ignoredFlushesNeverReachTheHost() throws IOException {
    try (HostFile unsafe =
        new HostFile(
            "disk0", Path.of("x"), file, false, Flusher.ignoring("d", file), true, noLock())) {
      unsafe.write(0, new byte[1]);
      unsafe.flush();
    }
    verify(file, never()).sync();
  }

  @Test
  void writeThatFailsHalfwayBeyondTheEndLeavesTheNodeAsLongAsTheFile() throws IOException {
    doThrow(noSpace).when(file).write(anyLong(), any(MemorySegment.class));
    when(file.size()).thenReturn(6000L);
    assertThatThrownBy(() -> node.write(4096, new byte[4096])).isSameAs(noSpace);
    assertThat(node.size()).isEqualTo(6000);
  }

  @Test
  void writeThatDiesBeyondTheEndLeavesTheNodeAsLongAsTheFile() throws IOException {
    OutOfMemoryError error = new OutOfMemoryError("on purpose");
    doThrow(error).when(file).write(anyLong(), any(MemorySegment.class));
    when(file.size()).thenReturn(6000L);
    assertThatThrownBy(() -> node.write(4096, new byte[4096])).isSameAs(error);
    assertThat(node.size()).isEqualTo(6000);

    IllegalStateException gone = new IllegalStateException("memory is gone");
    doThrow(gone).when(file).write(anyLong(), anyList());
    when(file.size()).thenReturn(7000L);
    IoVector vector = IoVector.of(MemorySegment.ofArray(new byte[4096]));
    assertThatThrownBy(() -> node.write(6000, vector)).isSameAs(gone);
    assertThat(node.size()).isEqualTo(7000);
  }

  @Test
  void growthThatDiesIsTakenBack() throws IOException {
    OutOfMemoryError error = new OutOfMemoryError("on purpose");
    doThrow(error).when(file).allocate(anyLong(), anyLong());
    assertThatThrownBy(() -> node.resize(8192, Preallocation.FALLOC)).isSameAs(error);
    InOrder order = inOrder(file);
    order.verify(file).truncate(8192);
    order.verify(file).truncate(4096);
    assertThat(node.size()).isEqualTo(4096);
  }

  @Test
  void failureToMeasureAFileIsAddedToTheFailureThatAskedForIt() throws IOException {
    BlockIoException blind = new BlockIoException("disk.img", "find the end", Errno.EIO);
    doThrow(blind).when(file).size();
    doThrow(noSpace).when(file).write(anyLong(), any(MemorySegment.class));
    assertThatThrownBy(() -> node.write(4096, new byte[1]))
        .isSameAs(noSpace)
        .hasSuppressedException(blind);
  }

  @Test
  void zerosAreWrittenWhereTheHostHasNoCheaperMeans() throws IOException {
    node.writeZeroes(10, 2L * ThreadBuffers.BOUNCE_BYTES - 2_000, ZeroMode.MAY_UNMAP);
    verify(file).truncate(2L * ThreadBuffers.BOUNCE_BYTES - 1_990);
    node.writeZeroes(0, 100, ZeroMode.KEEP_ALLOCATED);
    verify(file, never()).punch(0, 100);
    verify(file).zero(0, 100);
    verify(file, times(2)).write(anyLong(), any(MemorySegment.class));
  }

  @Test
  @Timeout(60)
  void flushesThatWaitForOneAnotherShareACallOfTheHost() throws Exception {
    CountDownLatch syncing = new CountDownLatch(1);
    CountDownLatch finish = new CountDownLatch(1);
    doAnswer(
            call -> {
              syncing.countDown();
              finish.await();
              return null;
            })
        .when(file)
        .sync();
    Thread first = flushing();
    syncing.await();
    node.write(0, new byte[1]);
    Thread[] waiting = {flushing(), flushing(), flushing()};
    for (Thread thread : waiting) {
      while (thread.getState() != Thread.State.WAITING) {
        Thread.sleep(1);
      }
    }
    finish.countDown();
    first.join();
    for (Thread thread : waiting) {
      thread.join();
    }
    verify(file, times(2)).sync();
  }

  private Thread flushing() {
    return Thread.ofPlatform()
        .start(
            () -> {
              try {
                node.flush();
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
  }

  private static ImageLock noLock() {
    return new ImageLock("d", ByteLocks.NONE, false, warning -> {});
  }
}
