package dev.platter.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.BlockNode;
import dev.platter.api.ZeroMode;
import dev.platter.api.error.NodeClosedException;
import dev.platter.api.option.OptionValue;
import dev.platter.api.spec.NodeSpec;
import dev.platter.tck.Seeds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Many threads on one disk. Every sector bears the stamp of its last write: who wrote it, when, and
 * which sector it is. A thread writes only sectors that are its own, so it knows what they hold;
 * their neighbours in the same cluster belong to others.
 */
class StressTest {
  private static final int SECTOR = 512;
  private static final int SECTORS = 512;
  private static final int THREADS = 6;

  private final TestGraph test = new TestGraph();
  private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean stop = new AtomicBoolean();

  @BeforeEach
  void createImage() throws IOException {
    test.graph.create(CreateRequest.of("toy", "/0", SECTORS * SECTOR).with("cluster-size", "2048"));
  }

  @AfterEach
  void nothingStaysOpen() throws IOException {
    test.close();
    assertThat(test.files.openFiles()).isEmpty();
  }

  @Test
  void stampsSurviveOverlappingClustersDiscardsAndFlushes() {
    Seeds.run(
        random -> {
          BlockBackend disk = test.graph.openBackend(TestGraph.toy("/0"));
          run(disk, random, 3_000, () -> {});
          disk.close();
        });
  }

  @Test
  void stampsSurviveSnapshotsUnderLoad() {
    Seeds.run(random -> runWithSnapshots(TestGraph.toy("/0"), random));
  }

  @Test
  void stampsSurviveSnapshotsBelowFilterUnderLoad() {
    NodeSpec filtered = NodeSpec.of("pass").withChild("file", TestGraph.toy("/0"));
    Seeds.run(random -> runWithSnapshots(filtered, random));
  }

  private void runWithSnapshots(NodeSpec spec, RandomGenerator random) throws Exception {
    BlockBackend disk = test.graph.openBackend(spec);
    int[] layerCount = {1};
    run(
        disk,
        random,
        3_000,
        () -> {
          if (layerCount[0] < 12) {
            NodeSpec overlay =
                test.graph.createOverlay(
                    test.graph.chainOf(disk).getFirst(),
                    "toy",
                    "/" + layerCount[0]++,
                    Map.of("cluster-size", OptionValue.of(1024L << random.nextInt(3))));
            test.graph.snapshot(disk, overlay.with("discard", "unmap"));
          }
          Thread.sleep(5);
        });
    assertThat(test.graph.chainOf(disk)).hasSize(layerCount[0]);
    disk.close();
  }

  @Test
  void requestsThatMeetCloseAreDoneOrRefused() throws Exception {
    for (int round = 0; round < 20; round++) {
      BlockBackend disk = test.graph.openBackend(TestGraph.toy("/0"));
      AtomicLong acknowledged = new AtomicLong(-1);
      Thread writer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      for (int sector = 0; ; sector = (sector + 1) % SECTORS) {
                        disk.write((long) sector * SECTOR, stamp(sector, 99, sector));
                        acknowledged.set(sector);
                      }
                    } catch (NodeClosedException e) {
                      stop.set(true);
                    } catch (IOException e) {
                      failures.add(e);
                    }
                  });
      while (acknowledged.get() < 10 + round && writer.isAlive()) {
        Thread.onSpinWait();
      }
      disk.close();
      writer.join();
      assertThat(failures).isEmpty();
      try (BlockNode again = test.open(TestGraph.toy("/0"))) {
        byte[] found = new byte[SECTOR];
        again.read(acknowledged.get() * SECTOR, found);
        assertThat(found).isEqualTo(stamp(acknowledged.get(), 99, acknowledged.get()));
      }
    }
  }

  /** Something that goes on beside the guests. */
  private interface Disturbance {
    void run() throws Exception;
  }

  private void run(BlockBackend disk, RandomGenerator random, int rounds, Disturbance disturbance)
      throws Exception {
    List<Thread> guests = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      Guest guest = new Guest(i, disk, new SplittableRandom(random.nextLong()));
      guests.add(Thread.ofPlatform().start(() -> guest.run(rounds)));
    }
    while (guests.stream().anyMatch(Thread::isAlive) && failures.isEmpty()) {
      disturbance.run();
    }
    stop.set(!failures.isEmpty());
    for (Thread guest : guests) {
      guest.join();
    }
    if (!failures.isEmpty()) {
      throw new AssertionError(failures.peek().getMessage(), failures.peek());
    }
  }

  private final class Guest {
    private final int id;
    private final BlockBackend disk;
    private final SplittableRandom random;
    private final byte[][] expected = new byte[SECTORS][];

    Guest(int id, BlockBackend disk, SplittableRandom random) {
      this.id = id;
      this.disk = disk;
      this.random = random;
    }

    void run(int rounds) {
      try {
        for (int round = 1; round <= rounds && !stop.get(); round++) {
          int sector = random.nextInt(SECTORS / THREADS) * THREADS + id;
          step(round, sector, (long) sector * SECTOR);
        }
        for (int sector = id; sector < SECTORS / THREADS * THREADS; sector += THREADS) {
          check(sector);
        }
      } catch (Exception | AssertionError e) {
        failures.add(e);
      }
    }

    private void step(int round, int sector, long offset) throws IOException {
      switch (random.nextInt(10)) {
        case 0, 1, 2, 3 -> {
          byte[] stamp = stamp(sector, id, round);
          disk.write(offset, stamp);
          expected[sector] = stamp;
        }
        case 4 -> {
          disk.writeZeroes(
              offset, SECTOR, random.nextBoolean() ? ZeroMode.MAY_UNMAP : ZeroMode.KEEP_ALLOCATED);
          expected[sector] = new byte[SECTOR];
        }
        case 5 -> disk.discard(offset, SECTOR); // less than a cluster: nothing may change
        case 6 -> checkOthers();
        default -> check(sector);
      }
      if (random.nextInt(200) == 0) {
        disk.flush();
      }
    }

    private void check(int sector) throws IOException {
      byte[] found = new byte[SECTOR];
      disk.read((long) sector * SECTOR, found);
      byte[] wanted = expected[sector] == null ? new byte[SECTOR] : expected[sector];
      assertThat(found).as("sector %d, own of %d", sector, id).isEqualTo(wanted);
    }

    /** Sectors of any thread hold zeros or a stamp of their own, never another sector's. */
    private void checkOthers() throws IOException {
      int first = random.nextInt(SECTORS - 16);
      byte[] found = new byte[16 * SECTOR];
      disk.read((long) first * SECTOR, found);
      for (int i = 0; i < 16; i++) {
        ByteBuffer sector = ByteBuffer.wrap(found, i * SECTOR, SECTOR).slice();
        long bearer = sector.getLong(0);
        assertThat(bearer == 0 || bearer == first + i + 1)
            .as("sector %d bears the stamp of sector %d", first + i, bearer - 1)
            .isTrue();
      }
    }
  }

  /** A sector full of: its own number and one, the writer, the round. */
  private static byte[] stamp(long sector, int writer, long round) {
    ByteBuffer bytes = ByteBuffer.allocate(SECTOR);
    while (bytes.remaining() >= 24) {
      bytes.putLong(sector + 1).putLong(writer).putLong(round);
    }
    return bytes.array();
  }
}
