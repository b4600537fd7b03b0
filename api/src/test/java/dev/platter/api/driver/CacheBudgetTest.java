package dev.platter.api.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;

class CacheBudgetTest {

  /** A cache of entries of 10 bytes each, known by when they were last used. */
  private static final class Entries implements CacheBudget.Evictor {
    private final Deque<Long> uses = new ArrayDeque<>();

    @Override
    public long oldestUse() {
      return uses.isEmpty() ? NOTHING : uses.peek();
    }

    @Override
    public long evictOldest() {
      return uses.poll() == null ? 0 : 10;
    }

    private boolean add(CacheBudget.Share share) {
      boolean taken = share.take(10);
      if (taken) {
        uses.add(share.now());
      }
      return taken;
    }
  }

  @Test
  void whatWasUsedLongestAgoGivesWayWhosesoeverItIs() {
    CacheBudget budget = CacheBudget.of(100);
    Entries base = new Entries();
    Entries overlay = new Entries();
    CacheBudget.Share baseShare = budget.join(base, 0).orElseThrow();
    CacheBudget.Share overlayShare = budget.join(overlay, 0).orElseThrow();
    for (int i = 0; i < 10; i++) {
      assertThat(base.add(baseShare)).isTrue();
    }
    for (int i = 0; i < 10; i++) {
      assertThat(overlay.add(overlayShare)).isTrue();
      assertThat(budget.heldBytes()).isEqualTo(100);
    }
    assertThat(base.uses).isEmpty();
    assertThat(overlay.uses).hasSize(10);
    assertThat(overlay.add(overlayShare)).as("its own oldest gives way").isTrue();
    assertThat(overlay.uses).hasSize(10);
  }

  @Test
  void aPromiseIsKeptWhateverTheOthersHold() {
    CacheBudget budget = CacheBudget.of(100);
    Entries writer = new Entries();
    CacheBudget.Share writerShare = budget.join(writer, 20).orElseThrow();
    CacheBudget.Share pinned = budget.join(new Entries(), 0).orElseThrow();
    assertThat(pinned.take(80)).isTrue();
    assertThat(pinned.take(1)).isFalse();
    assertThat(budget.heldBytes()).isEqualTo(100);
    assertThat(writer.add(writerShare)).isTrue();
    assertThat(writer.add(writerShare)).isTrue();
  }

  @Test
  void whoAsksGivesWayToItself() {
    CacheBudget budget = CacheBudget.of(100);
    Entries writer = new Entries();
    CacheBudget.Share share = budget.join(writer, 20).orElseThrow();
    assertThat(budget.join(new Entries(), 80)).isPresent();
    assertThat(writer.add(share)).isTrue();
    assertThat(share.take(20)).isTrue();
    assertThat(writer.uses).isEmpty();
  }

  @Test
  void whatCannotBePromisedIsRefused() {
    CacheBudget budget = CacheBudget.of(100);
    CacheBudget.Share first = budget.join(new Entries(), 60).orElseThrow();
    assertThat(budget.join(new Entries(), 60)).isEmpty();
    first.close();
    first.close();
    assertThat(first.take(1)).isFalse();
    first.give(1);
    assertThat(budget.heldBytes()).isZero();
    assertThat(budget.join(new Entries(), 60)).isPresent();
  }

  @Test
  void timeStandsStillWhileEverythingFits() {
    CacheBudget budget = CacheBudget.of(100);
    Entries cache = new Entries();
    CacheBudget.Share share = budget.join(cache, 0).orElseThrow();
    long before = share.now();
    for (int i = 0; i < 10; i++) {
      cache.add(share);
    }
    assertThat(share.now()).isEqualTo(before);
    cache.add(share);
    assertThat(share.now()).isGreaterThan(before);
  }

  @Test
  void theUnlimitedBudgetGrantsEverything() {
    CacheBudget.Share share = CacheBudget.unlimited().join(new Entries(), 1).orElseThrow();
    assertThat(share.take(Long.MAX_VALUE)).isTrue();
    assertThat(share.take(Long.MAX_VALUE)).isTrue();
    share.give(1);
    share.close();
    assertThat(CacheBudget.unlimited().heldBytes()).isZero();
    assertThatThrownBy(() -> CacheBudget.of(-1)).isInstanceOf(IllegalArgumentException.class);
  }
}
