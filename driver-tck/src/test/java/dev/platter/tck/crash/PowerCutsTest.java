package dev.platter.tck.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.Preallocation;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.RecordingNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PowerCutsTest {
  private final MemoryNode before = new MemoryNode("disk", 4096);
  private final RecordingNode disk = new RecordingNode(before.copy());

  @Test
  void whatWasFlushedIsInEveryLaterState() throws IOException {
    write(0, 512, 1);
    disk.flush();
    write(512, 512, 2);

    for (PowerCut cut : cuts()) {
      if (cut.operationIndex() >= 2) {
        assertThat(cut.image().bytes()[0]).as(cut.description()).isEqualTo((byte) 1);
      }
    }
  }

  @Test
  void changesOfOneWindowReachTheDiskInAnyCombination() throws IOException {
    write(0, 512, 1);
    write(512, 512, 2);
    write(1024, 512, 3);

    Set<String> states = new HashSet<>();
    for (PowerCut cut : cuts()) {
      byte[] bytes = cut.image().bytes();
      states.add("%d%d%d".formatted(bytes[0], bytes[512], bytes[1024]));
    }

    assertThat(states)
        .containsExactlyInAnyOrder("000", "100", "020", "003", "120", "103", "023", "123");
  }

  @Test
  void aWriteOfSeveralSectorsIsTornBetweenThem() throws IOException {
    write(0, 2048, 7);

    Set<String> states = new HashSet<>();
    for (PowerCut cut : cuts()) {
      byte[] bytes = cut.image().bytes();
      states.add("%d%d%d%d".formatted(bytes[0], bytes[512], bytes[1024], bytes[1536]));
    }

    assertThat(states).containsExactlyInAnyOrder("0000", "7777", "7700", "0077", "0707");
  }

  @Test
  void overlappingWritesAreSeenInBothOrders() throws IOException {
    write(0, 512, 1);
    write(0, 512, 2);

    assertThat(cuts()).extracting(cut -> cut.image().bytes()[0]).contains((byte) 1, (byte) 2);
    assertThat(cuts())
        .filteredOn(cut -> cut.description().contains("#0") && cut.description().contains("#1"))
        .extracting(cut -> cut.image().bytes()[0])
        .containsExactlyInAnyOrder((byte) 1, (byte) 2);
  }

  @Test
  void aMarkIsKnownToTheCutsThatComeAfterIt() throws IOException {
    write(0, 512, 1);
    disk.flush();
    disk.mark("flushed");
    write(0, 512, 2);

    for (PowerCut cut : cuts()) {
      boolean afterFlush = cut.operationIndex() > 2;
      assertThat(cut.marks().contains("flushed")).as(cut.description()).isEqualTo(afterFlush);
    }
  }

  @Test
  void aMarkWithinAWindowCountsForTheLatestMomentOfItsCuts() throws IOException {
    write(0, 512, 1);
    disk.mark("a flush that did nothing");
    write(512, 512, 2);

    for (PowerCut cut : cuts()) {
      assertThat(cut.latestMarkCount()).as(cut.description()).isEqualTo(1);
      boolean second = cut.image().bytes()[512] == 2;
      assertThat(cut.earliestMarkCount()).as(cut.description()).isEqualTo(second ? 1 : 0);
    }
  }

  @Test
  void threeOverlappingWritesAreSeenInEveryOrder() throws IOException {
    write(0, 1024, 1);
    write(512, 1024, 2);
    write(0, 1536, 3);

    Set<String> states = new HashSet<>();
    for (PowerCut cut : cuts()) {
      byte[] bytes = cut.image().bytes();
      states.add("%d%d%d".formatted(bytes[0], bytes[512], bytes[1024]));
    }

    assertThat(states).contains("333", "113", "322", "112", "122", "000");
  }

  @Test
  void aFlushOfOneDiskSaysNothingOfAnother() throws IOException {
    DiskLog log = new DiskLog();
    MemoryNode other = new MemoryNode("other", 512);
    RecordingNode first = log.record(0, before.copy());
    RecordingNode second = log.record(1, other.copy());
    first.write(0, new byte[] {1});
    second.write(0, new byte[] {2});
    first.flush();
    log.mark("first flushed");
    second.flush();

    Set<String> states = new HashSet<>();
    PowerCuts.forEach(
        List.of(before, other),
        log,
        1,
        cut -> {
          byte[] one = cut.images().get(0).bytes();
          byte[] two = cut.images().get(1).bytes();
          states.add("%d%d after %d".formatted(one[0], two[0], cut.earliestMarkCount()));
        });

    assertThat(states)
        .containsExactlyInAnyOrder(
            "00 after 0", "10 after 0", "02 after 0", "12 after 0", "12 after 1");
  }

  @Test
  void aLongWindowIsSampledWithEachPrefixAmongTheStates() throws IOException {
    for (int i = 0; i < 8; i++) {
      write(i * 512L, 512, i + 1);
    }

    List<Integer> prefixes = new ArrayList<>();
    for (PowerCut cut : cuts()) {
      byte[] bytes = cut.image().bytes();
      int length = 0;
      while (length < 8 && bytes[length * 512] != 0) {
        length++;
      }
      boolean prefix = true;
      for (int i = length; i < 8; i++) {
        prefix &= bytes[i * 512] == 0;
      }
      if (prefix) {
        prefixes.add(length);
      }
    }

    assertThat(prefixes).contains(0, 1, 2, 3, 4, 5, 6, 7, 8);
  }

  @Test
  void growthAndShrinkingAreChangesToo() throws IOException {
    disk.resize(8192, Preallocation.OFF);

    assertThat(cuts())
        .extracting(cut -> cut.image().size())
        .containsExactlyInAnyOrder(4096L, 8192L);
  }

  private void write(long offset, int length, int value) throws IOException {
    byte[] bytes = new byte[length];
    java.util.Arrays.fill(bytes, (byte) value);
    disk.write(offset, MemorySegment.ofArray(bytes));
  }

  private List<PowerCut> cuts() throws IOException {
    List<PowerCut> cuts = new ArrayList<>();
    long visited = PowerCuts.forEach(before, disk.log(), 1, cuts::add);
    assertThat(visited).isEqualTo(cuts.size());
    return cuts;
  }
}
