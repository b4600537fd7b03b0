package dev.platter.harness.blk;

import java.util.ArrayDeque;
import java.util.Queue;

/** An executor whose requests a test starts by hand. */
final class HeldExecutor implements RequestExecutor {
  final Queue<Runnable> waiting = new ArrayDeque<>();
  private boolean holding = true;

  /** From now on requests are run where they are brought. */
  void stopHolding() {
    holding = false;
  }

  @Override
  public void execute(Runnable request) {
    if (holding) {
      waiting.add(request);
    } else {
      request.run();
    }
  }

  void runOne() {
    waiting.remove().run();
  }

  void runAll() {
    while (!waiting.isEmpty()) {
      runOne();
    }
  }

  @Override
  public void close() {}
}
