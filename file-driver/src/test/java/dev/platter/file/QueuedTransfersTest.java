package dev.platter.file;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.platter.api.error.UnsupportedFeatureException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Threads that the host gives no queue, as beyond its limit. */
class QueuedTransfersTest {
  private static final int SECTOR = 512;

  /** What the queues of this test say they have moved: more than any positional call does here. */
  private static final long BY_QUEUE = 4 * SECTOR;

  @TempDir Path folder;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment sector = arena.allocate(SECTOR);
  private final AtomicInteger openings = new AtomicInteger();
  private volatile boolean exhausted;
  private volatile boolean usable = true;
  private int fd = -1;

  @BeforeEach
  void openFile() throws Exception {
    assumeTrue(HostPlatform.hasNativeCalls(), "no native calls on this host");
    Path path =
        Files.write(folder.resolve("disk"), "x".repeat(SECTOR).getBytes(StandardCharsets.US_ASCII));
    fd = LibC.open(arena.allocateFrom(path.toString()), LibC.O_RDWR, 0);
  }

  @AfterEach
  void closeFile() {
    if (fd >= 0) {
      LibC.close(fd);
    }
    arena.close();
  }

  private static void onThread(Thread.Builder kind, Runnable task) throws Exception {
    List<Throwable> thrown = new ArrayList<>();
    Thread thread =
        kind.unstarted(
            () -> {
              try {
                task.run();
              } catch (RuntimeException | Error e) {
                thrown.add(e);
              }
            });
    thread.start();
    thread.join();
    assertThat(thrown).isEmpty();
  }

  @Test
  void requestsOfAThreadThatGetsNoQueueGoByPositionalCalls() throws Exception {
    HostTransfers transfers = QueuedTransfers.by(this::open);
    assertThat(transfers.read(fd, sector, 0)).isEqualTo(BY_QUEUE);
    exhausted = true;
    onThread(
        Thread.ofPlatform(),
        () -> {
          assertThat(transfers.read(fd, sector, 0)).isEqualTo(SECTOR);
          assertThat(sector.get(ValueLayout.JAVA_BYTE, SECTOR - 1)).isEqualTo((byte) 'x');
          sector.fill((byte) 'y');
          assertThat(transfers.write(fd, sector, 0)).isEqualTo(SECTOR);
        });
    assertThat(folder.resolve("disk")).hasContent("y".repeat(SECTOR));
    assertThat(transfers.read(fd, sector, 0)).isEqualTo(BY_QUEUE);
  }

  @Test
  void threadWithoutAQueueAsksForOneAgainLaterAndNotAtEachRequest() throws Exception {
    HostTransfers transfers = QueuedTransfers.by(this::open);
    exhausted = true;
    onThread(
        Thread.ofPlatform(),
        () -> {
          int before = openings.get();
          for (int i = 0; i < QueuedTransfers.REQUESTS_BETWEEN_TRIES; i++) {
            assertThat(transfers.read(fd, sector, 0)).isEqualTo(SECTOR);
          }
          assertThat(openings).hasValue(before + 1);
          exhausted = false;
          assertThat(transfers.read(fd, sector, 0)).isEqualTo(SECTOR);
          assertThat(transfers.read(fd, sector, 0)).isEqualTo(BY_QUEUE);
          assertThat(openings).hasValue(before + 2);
        });
  }

  @Test
  void queueThatTakesNoMoreIsReplaced() throws Exception {
    HostTransfers transfers = QueuedTransfers.by(this::open);
    usable = false;
    assertThat(transfers.read(fd, sector, 0)).isEqualTo(BY_QUEUE);
    assertThat(openings).hasValue(2);
    exhausted = true;
    assertThat(transfers.read(fd, sector, 0)).isEqualTo(SECTOR);
  }

  @Test
  void requestsAfterOneThatItsQueueFailedAreDoneOnceByPositionalCalls() throws Exception {
    List<Long> byQueue = new ArrayList<>();
    HostTransfers transfers = QueuedTransfers.by(() -> failingAfter(3, byQueue));
    List<Long> results = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      results.add(transfers.write(fd, sector.fill((byte) ('a' + i)), (long) i * SECTOR));
    }
    assertThat(results).containsExactly(512L, 512L, 512L, -5L, 512L, 512L);
    assertThat(byQueue).containsExactly(0L, 512L, 1024L, 1536L);
    assertThat(transfers.write(fd, sector.fill((byte) 'd'), 3 * SECTOR)).isEqualTo(SECTOR);
    String expected =
        "abcdef".chars().mapToObj(letter -> ((char) letter + "").repeat(SECTOR)).collect(joining());
    assertThat(folder.resolve("disk")).hasContent(expected);
  }

  /** A queue that works for some requests, and fails all others; the only one there is. */
  private RequestQueue failingAfter(int requestCount, List<Long> offsets)
      throws UnsupportedFeatureException {
    if (openings.incrementAndGet() > 1) {
      throw new UnsupportedFeatureException("no queue");
    }
    return new RequestQueue() {
      @Override
      public long perform(
          boolean write,
          int file,
          MemorySegment vectors,
          int count,
          long offset,
          MemorySegment kept) {
        offsets.add(offset);
        return usable()
            ? PositionalTransfers.INSTANCE.writeVector(file, vectors, count, offset)
            : -5;
      }

      @Override
      public boolean usable() {
        return offsets.size() <= requestCount;
      }
    };
  }

  @Test
  void virtualThreadsTakeNoQueue() throws Exception {
    HostTransfers transfers = QueuedTransfers.by(this::open);
    onThread(Thread.ofVirtual(), () -> assertThat(transfers.read(fd, sector, 0)).isEqualTo(SECTOR));
    assertThat(openings).hasValue(1);
  }

  @Test
  @Timeout(60)
  void requestWhoseMemoryIsGoneLeavesTheQueueAsItWas() throws Exception {
    HostTransfers transfers = ioUring();
    MemorySegment gone;
    try (Arena brief = Arena.ofConfined()) {
      gone = brief.allocate(SECTOR);
    }
    assertThatThrownBy(() -> transfers.read(fd, gone, 0)).isInstanceOf(IllegalStateException.class);
    assertThat(transfers.read(fd, sector, 0)).isEqualTo(SECTOR);
  }

  private static HostTransfers ioUring() {
    try {
      return QueuedTransfers.ioUring();
    } catch (UnsupportedFeatureException e) {
      return abort(e.getMessage());
    }
  }

  @Test
  void fileIsNotOpenedWhereItsThreadGetsNoQueue() throws Exception {
    exhausted = true;
    assertThatThrownBy(() -> QueuedTransfers.by(this::open))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessage("no queue");
  }

  private RequestQueue open() throws UnsupportedFeatureException {
    openings.incrementAndGet();
    if (exhausted) {
      throw new UnsupportedFeatureException("no queue");
    }
    return new RequestQueue() {
      @Override
      public long perform(
          boolean write,
          int file,
          MemorySegment vectors,
          int count,
          long offset,
          MemorySegment kept) {
        return BY_QUEUE;
      }

      @Override
      public boolean usable() {
        return usable;
      }
    };
  }
}
