package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.error.Errno;
import dev.platter.api.error.UnfinishedFlushException;
import dev.platter.tck.crash.PowerCut;
import dev.platter.tck.crash.PowerCuts;
import dev.platter.tck.fake.FaultyNode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.RecordingNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A write of a pointer fails, so that nobody knows which L1 entries the file holds; the next flush,
 * of new tables among others, is cut by a loss of power.
 */
class UncertainLinksTest {
  private static final int CLUSTER_BYTES = 1024;
  private static final int TABLE_CLUSTERS = CLUSTER_BYTES / Long.BYTES;
  private static final long TABLE_BYTES = (long) TABLE_CLUSTERS * CLUSTER_BYTES;
  private static final long DISK_BYTES = 8 * TABLE_BYTES;
  private static final long SEED = Long.getLong("platter.seed", 7);

  @ParameterizedTest
  @ValueSource(strings = {"off", "on"})
  void noEntryNamesATableThatIsNotThere(String lazy) throws IOException {
    MemoryNode before =
        NewImages.create(
            DISK_BYTES,
            "cluster_size=" + CLUSTER_BYTES,
            "refcount_bits=64",
            "lazy_refcounts=" + lazy);
    boolean failed = true;
    for (int nth = 1; failed; nth++) {
      failed = survives(before, nth);
    }
  }

  /**
   * The L1 entry of a table may be in the file although its write counts as failed. So what the
   * table gets next is no longer written before refcounts and data are durable.
   */
  @Test
  void tableThatMayBeNamedShowsNothingBeforeItsRefcountIsDurable() throws IOException {
    MemoryNode before =
        NewImages.create(DISK_BYTES, "cluster_size=" + CLUSTER_BYTES, "refcount_bits=64");
    boolean failed = true;
    for (int nth = 1; failed; nth++) {
      String run = "seed %d, call %d, ".formatted(SEED, nth);
      RecordingNode log = new RecordingNode(before.copy());
      FaultyNode file = new FaultyNode(log);
      try (Qcow2Format format = Images.open(TestOpening.of(file))) {
        failed = flushFails(format, file, nth);
        DriverGuest guest = new DriverGuest(format);
        guest.fill(CLUSTER_BYTES, 70 * CLUSTER_BYTES, 9); // below the first table, and more counts
        format.flush();
      }
      PowerCuts.forEach(
          before, log.changes(), SEED, cut -> assertUncorrupted(cut, run + cut.description()));
    }
  }

  private static void assertUncorrupted(PowerCut cut, String context) throws IOException {
    List<String> findings = new ArrayList<>();
    CheckReport report =
        Qcow2Checker.check("image.qcow2", cut.image().reopen(), Repair.NONE, findings::add);
    assertThat(report.corruptions() + report.checkErrors())
        .as("%s: %s", context, findings)
        .isZero();
  }

  private static boolean survives(MemoryNode before, int nth) throws IOException {
    RecordingNode log = new RecordingNode(before.copy());
    FaultyNode file = new FaultyNode(log).tearWrites();
    boolean failed;
    int flushed;
    try (Qcow2Format format = Images.open(TestOpening.of(file))) {
      failed = flushFails(format, file, nth);
      DriverGuest guest = new DriverGuest(format);
      fillFirstOf(guest, 1);
      guest.release(5 * TABLE_BYTES, CLUSTER_BYTES, ReleaseMode.ZERO_KEEP); // a table at the end
      format.flush();
      flushed = log.changes().size();
    }
    PowerCuts.forEach(
        before,
        log.changes(),
        SEED,
        cut -> assertSound(cut, flushed, "seed %d, call %d, ".formatted(SEED, nth)));
    return failed;
  }

  /** Lets the flush of two tables fail at a write, and the file be whole again. */
  private static boolean flushFails(Qcow2Format format, FaultyNode file, int nth)
      throws IOException {
    DriverGuest guest = new DriverGuest(format);
    fillFirstOf(guest, 0);
    fillFirstOf(guest, 3);
    file.failNth(FaultyNode.Kind.WRITE, nth, Errno.ENOSPC);
    try {
      format.flush();
      return false;
    } catch (UnfinishedFlushException e) {
      return true;
    } finally {
      file.heal();
    }
  }

  /** Fills the first cluster that an L2 table maps. */
  private static void fillFirstOf(DriverGuest guest, int table) throws IOException {
    guest.fill(table * TABLE_BYTES, CLUSTER_BYTES, 1 + table);
  }

  private static void assertSound(PowerCut cut, int flushed, String run) throws IOException {
    String context = run + cut.description();
    MemoryNode image = cut.image();
    ImageFile file = new ImageFile(image);
    Qcow2Header header = HeaderCodec.decode("image.qcow2", file);
    long[] l1 = new long[header.l1Table().count()];
    file.readWords(header.l1Table().offset(), l1);
    for (long entry : l1) {
      long offset = L1Entry.tableOffset(entry);
      assertThat(offset == 0 || offset + CLUSTER_BYTES <= image.size()).as(context).isTrue();
    }
    List<String> findings = new ArrayList<>();
    CheckReport report =
        Qcow2Checker.check("image.qcow2", image.reopen(), Repair.ALL, findings::add);
    assertThat(report.checkErrors()).as("%s: %s", context, findings).isZero();
    try (Qcow2Format format = Images.open(image.reopen())) {
      DriverGuest guest = new DriverGuest(format);
      for (int table : new int[] {0, 1, 3}) {
        byte[] found = guest.read(table * TABLE_BYTES, CLUSTER_BYTES);
        boolean there = cut.operationIndex() >= flushed || found[0] != 0;
        assertThat(found).as("%s, table %d", context, table).containsOnly(there ? 1 + table : 0);
      }
    }
  }
}
