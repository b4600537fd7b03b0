package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.driver.ReleaseMode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.Operation;
import dev.platter.tck.fake.RecordingNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many barriers a guest's flush costs: a number that does not grow with what it covers. */
class BarrierCountTest {
  private static final int CLUSTER = 4096;
  private static final int TABLE_COVERS = CLUSTER / 8 * CLUSTER;
  private static final int TABLES = 40;
  private static final int SHARED_BYTES = 2 * TABLE_COVERS;

  @TempDir Path folder;

  /** What a guest does, somewhere in each part of the disk that has an L2 table of its own. */
  enum Work {
    NEW {
      @Override
      void on(DriverGuest guest, int number) throws IOException {
        guest.fill((long) number * TABLE_COVERS, CLUSTER, number);
      }
    },
    OVERWRITE {
      @Override
      void on(DriverGuest guest, int number) throws IOException {
        guest.fill((long) number * TABLE_COVERS + CLUSTER, CLUSTER, number);
      }
    },
    NEIGHBOUR {
      @Override
      void on(DriverGuest guest, int number) throws IOException {
        guest.fill((long) number * TABLE_COVERS + 2 * CLUSTER, CLUSTER, number);
      }
    },
    DISCARD {
      @Override
      void on(DriverGuest guest, int number) throws IOException {
        guest.release((long) number * TABLE_COVERS + CLUSTER, CLUSTER, ReleaseMode.DISCARD);
      }
    },
    ZERO {
      @Override
      void on(DriverGuest guest, int number) throws IOException {
        guest.release((long) number * TABLE_COVERS + CLUSTER, CLUSTER, ReleaseMode.ZERO_KEEP);
      }
    };

    abstract void on(DriverGuest guest, int number) throws IOException;
  }

  @ParameterizedTest
  @CsvSource({
    "NEW, off, 2",
    "NEW, on, 2",
    "OVERWRITE, off, 1",
    "OVERWRITE, on, 1",
    "NEIGHBOUR, off, 2",
    "NEIGHBOUR, on, 2",
    "DISCARD, off, 2",
    "DISCARD, on, 2",
    "ZERO, off, 2",
    "ZERO, on, 2"
  })
  void oneRequestAndManyCostTheSame(Work work, String lazy, int barriers) throws IOException {
    MemoryNode image = NewImages.create((long) TABLES * TABLE_COVERS, "cluster_size=4k");
    try (Qcow2Format format = Images.open(image)) {
      for (int i = 0; i < (work == Work.NEW ? 0 : TABLES); i++) {
        new DriverGuest(format).fill((long) i * TABLE_COVERS + CLUSTER, CLUSTER, 1);
      }
    }
    for (int requests : new int[] {1, TABLES}) {
      MemoryNode copy = image.copy();
      assertThat(barriers(copy, work, requests, lazy))
          .as("%d requests", requests)
          .isEqualTo(barriers);
      Qemu.check(copy);
    }
  }

  /** Each write copies a table that a snapshot shares, and moves to a cluster of its own. */
  @ParameterizedTest
  @CsvSource({"off", "on"})
  void writesToWhatASnapshotSharesCostTwo(String lazy) throws IOException {
    Qemu.assumeInstalled();
    Path file = folder.resolve("image.qcow2");
    String size = String.valueOf(SHARED_BYTES);
    Qemu.img("create", "-q", "-f", "qcow2", "-o", "cluster_size=4k", file.toString(), size);
    Qemu.io(file, "write -q -P 1 0 " + size);
    Qemu.img("snapshot", "-c", "before", file.toString());
    for (int requests : new int[] {1, 2}) {
      MemoryNode copy = Qemu.node(file);
      assertThat(barriers(copy, Work.OVERWRITE, requests, lazy)).isEqualTo(2);
      Qemu.check(copy);
    }
  }

  private static long barriers(MemoryNode image, Work work, int requests, String lazy)
      throws IOException {
    RecordingNode node = new RecordingNode(image);
    try (Qcow2Format format =
        Images.open(
            TestOpening.of(node),
            "lazy-refcounts=" + lazy,
            "l2-cache-size=1M",
            "l2-cache-entry-size=4k")) {
      DriverGuest guest = new DriverGuest(format);
      node.clear();
      for (int i = 0; i < requests; i++) {
        work.on(guest, i);
      }
      format.flush();
      return node.count(Operation.Flush.class);
    }
  }
}
