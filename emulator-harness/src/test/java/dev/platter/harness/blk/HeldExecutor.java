package dev.platter.harness.blk;

import java.util.ArrayDeque;
import java.util.Queue;

/** An executor whose requests a test starts by hand. */
final class HeldExecutor implements RequestExecutor {
  final Queue<Runnable> waiting = new ArrayDeque<>();

  @Override
  public void execute(Runnable request) {
    waiting.add(request);
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
