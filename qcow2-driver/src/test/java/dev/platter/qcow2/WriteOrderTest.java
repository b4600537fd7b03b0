package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.driver.Allocation;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.Operation;
import dev.platter.tck.fake.RecordingNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a flush writes, in which order, and with how many barriers. */
class WriteOrderTest {
  private static final int CLUSTER = 4096;
  private static final long TABLE_COVERS = CLUSTER / 8L * CLUSTER;
  private static final long L1_TABLE = 3L * CLUSTER;

  private MemoryNode memory;
  private RecordingNode node;
  private Qcow2Format format;
  private DriverGuest guest;

  @BeforeEach
  void open() throws IOException {
    memory = NewImages.create(64 * TABLE_COVERS, "cluster_size=4k");
    node = new RecordingNode(memory);
    format = Images.open(TestOpening.of(node));
    guest = new DriverGuest(format);
  }

  @AfterEach
  void closesClean() throws IOException {
    format.close();
    Qemu.check(memory);
  }

  @Test
  void aFlushOfNothingIsOneBarrier() throws IOException {
    node.clear();
    format.flush();
    assertThat(shape()).containsExactly("flush");
  }

  @Test
  void anOverwriteInPlaceAndAFlushAreOneBarrier() throws IOException {
    guest.fill(0, CLUSTER, 1);
    format.flush();
    node.clear();
    guest.fill(0, CLUSTER, 2);
    format.flush();
    assertThat(shape()).containsExactly("data", "flush");
  }

  @Test
  void theFirstAllocationWritesCountsAndTheNewTableBeforeTheL1Entry() throws IOException {
    node.clear();
    guest.fill(0, CLUSTER, 1);
    format.flush();
    assertThat(shape()).containsExactly("zeros", "data", "counts", "table", "flush", "L1", "flush");
  }

  @Test
  void aNewEntryOfATableInUseIsWrittenBehindABarrier() throws IOException {
    guest.fill(0, CLUSTER, 1);
    format.flush();
    node.clear();
    guest.fill(CLUSTER, CLUSTER, 2);
    format.flush();
    assertThat(shape()).containsExactly("data", "counts", "flush", "table", "flush");
  }

  @Test
  void aNewRefcountBlockIsNamedBehindABarrierAndBeforeThePointers() throws IOException {
    int countsPerBlock = CLUSTER / 2;
    node.clear();
    for (int i = 0; i < countsPerBlock; i++) {
      guest.fill((long) i * CLUSTER, CLUSTER, 1);
    }
    format.flush();
    List<String> shape = new ArrayList<>(shape());
    shape.removeIf("data"::equals);
    List<String> order =
        shape.stream().filter(kind -> !List.of("zeros", "other").contains(kind)).toList();
    assertThat(order).endsWith("flush", "refcount table", "flush", "L1", "flush");
    assertThat(node.count(Operation.Flush.class)).isEqualTo(3);
  }

  @Test
  void aReleasedClusterKeepsItsCountUntilItsRemovalIsDurable() throws IOException {
    guest.fill(0, CLUSTER, 1);
    format.flush();
    node.clear();
    guest.release(0, CLUSTER, ReleaseMode.DISCARD);
    format.flush();
    assertThat(shape()).containsExactly("flush", "table", "flush", "discard");
    format.flush();
    assertThat(shape()).containsExactly("flush", "table", "flush", "discard", "counts", "flush");
  }

  @Test
  void aLazyFlushMarksTheImageInsteadOfWritingCounts() throws IOException {
    reopenLazily();
    guest.fill(0, CLUSTER, 1);
    format.flush();
    assertThat(shape()).containsExactly("zeros", "data", "mark", "table", "flush", "L1", "flush");
    node.clear();
    guest.fill(CLUSTER, CLUSTER, 2);
    format.flush();
    assertThat(shape()).containsExactly("data", "flush", "table", "flush");
    node.clear();
    format.flush();
    assertThat(shape()).containsExactly("flush");
  }

  @Test
  void aLazyImageIsUnmarkedBehindItsCounts() throws IOException {
    reopenLazily();
    guest.fill(0, CLUSTER, 1);
    format.flush();
    node.clear();
    format.close();
    assertThat(shape()).containsExactly("counts", "flush", "mark", "flush");
  }

  @Test
  void aLazyImageThatIsOnlyReadOrOverwrittenIsNotMarked() throws IOException {
    guest.fill(0, CLUSTER, 1);
    reopenLazily();
    guest.read(0, CLUSTER);
    guest.fill(0, CLUSTER, 2);
    format.flush();
    format.close();
    assertThat(shape()).containsOnly("data", "flush");
  }

  private void reopenLazily() throws IOException {
    format.close();
    node = new RecordingNode(memory.reopen());
    format = Images.open(TestOpening.of(node), "lazy-refcounts=on");
    guest = new DriverGuest(format);
    node.clear();
  }

  @Test
  void whatIsCommittedAfterTheFlushBeganStaysForTheNext() throws IOException {
    guest.fill(0, CLUSTER, 1);
    format.flush();
    node.clear();
    try (Allocation allocation = format.allocate(CLUSTER, CLUSTER)) {
      format.flush();
      assertThat(shape()).as("the count is raised, nothing points there").contains("counts");
      assertThat(shape()).doesNotContain("table");
      node.write(allocation.hostOffset(), new byte[CLUSTER]);
      allocation.commit();
    }
    node.clear();
    format.flush();
    assertThat(shape()).containsExactly("flush", "table", "flush");
  }

  /** The log of changes, each as what it is for. */
  private List<String> shape() {
    List<String> shape = new ArrayList<>();
    for (Operation operation : node.changes()) {
      shape.add(
          switch (operation) {
            case Operation.Write write -> kind(write);
            case Operation.Flush _ -> "flush";
            case Operation.Discard _ -> "discard";
            case Operation.WriteZeroes _ -> "zeros";
            default -> "other";
          });
    }
    return shape;
  }

  private String kind(Operation.Write write) {
    long offset = write.offset();
    if (offset == 72 && write.bytes().byteSize() == Long.BYTES) {
      return "mark";
    }
    if (offset >= L1_TABLE && offset < L1_TABLE + CLUSTER) {
      return "L1";
    }
    if (offset >= CLUSTER && offset < 2 * CLUSTER) {
      return "refcount table";
    }
    if (offset >= 2 * CLUSTER && offset < 3 * CLUSTER) {
      return "counts";
    }
    boolean entries = write.bytes().byteSize() == CLUSTER && firstByte(write) >= 0x80;
    return entries || firstByte(write) == 0 ? "table" : "data";
  }

  /** Entries begin with the COPIED flag or with a zero; test data does not. */
  private static int firstByte(Operation.Write write) {
    return write.bytes().get(ValueLayout.JAVA_BYTE, 0) & 0xff;
  }
}
