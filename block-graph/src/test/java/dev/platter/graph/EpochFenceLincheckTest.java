package dev.platter.graph;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/**
 * Two registers whose values lie in cells that are replaced on every write, and reused once their
 * ticket has passed. A reader that is not protected reads another register's value.
 */
@Param(name = "register", gen = IntGen.class, conf = "0:1")
@Param(name = "value", gen = IntGen.class, conf = "1:9")
public class EpochFenceLincheckTest {
  private static final int CELLS = 12;

  private record Unlinked(int cell, long ticket) {}

  private final EpochFence fence = new EpochFence();
  private final int[] values = new int[CELLS];
  private final Deque<Unlinked> quarantine = new ArrayDeque<>();
  private final Deque<Integer> free = new ArrayDeque<>();
  private volatile int first;
  private volatile int second = 1;

  public EpochFenceLincheckTest() {
    for (int i = 2; i < CELLS; i++) {
      free.add(i);
    }
  }

  /** Reads through the mapping, without a lock. */
  @Operation(params = "register")
  public int read(int register) {
    int token = fence.enter();
    try {
      return values[register == 0 ? first : second];
    } finally {
      fence.exit(token);
    }
  }

  /** Writes to another cell, links it, and puts the old one into quarantine. */
  @Operation(params = {"register", "value"})
  public synchronized void write(int register, int value) {
    while (!quarantine.isEmpty() && fence.passed(quarantine.peek().ticket())) {
      free.addFirst(quarantine.remove().cell());
    }
    int cell = free.remove();
    values[cell] = value;
    int old = register == 0 ? first : second;
    if (register == 0) {
      first = cell;
    } else {
      second = cell;
    }
    quarantine.add(new Unlinked(old, fence.ticket()));
  }

  @Test
  void nothingIsReusedUnderAReader() {
    new ModelCheckingOptions()
        .iterations(Integer.getInteger("platter.lincheck.scenarios", 2))
        .invocationsPerIteration(500)
        .threads(2)
        .actorsPerThread(4)
        .check(getClass());
  }
}
