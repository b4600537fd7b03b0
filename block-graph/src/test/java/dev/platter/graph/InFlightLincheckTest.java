package dev.platter.graph;

import dev.platter.api.driver.InFlight;
import dev.platter.api.error.NodeClosedException;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;

/**
 * A state that changes only while requests are held, in two steps that no request may come between.
 */
public class InFlightLincheckTest {
  private final InFlight requests = new InFlight("node");
  private int left;
  private int right;

  /** A request: sees both halves of the state. */
  @Operation
  public int request() throws NodeClosedException {
    int stripe = requests.enter();
    try {
      return left * 10 + right;
    } finally {
      requests.exit(stripe);
    }
  }

  /** A change of the whole. Two of them at once are kept apart by whoever makes them. */
  @Operation(nonParallelGroup = "changes")
  public void change() {
    requests.hold();
    try {
      left++;
      right++;
    } finally {
      requests.release();
    }
  }

  @Operation
  public boolean close() {
    return requests.close();
  }

  @Test
  void heldRequestsSeeNoHalfOfAChange() {
    new ModelCheckingOptions()
        .iterations(Integer.getInteger("platter.lincheck.scenarios", 2))
        .invocationsPerIteration(500)
        .threads(3)
        .actorsPerThread(2)
        .check(getClass());
  }
}
