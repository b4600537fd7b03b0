package dev.platter.harness.blk;

/**
 * An interrupt line whose exceptions keep nobody waiting: they are told as those of a {@link
 * GuardedListener} are.
 *
 * <p>Threads: any.
 */
record GuardedLine(InterruptLine line) implements InterruptLine {

  @Override
  public void queueInterrupt(int queueIndex) {
    try {
      line.queueInterrupt(queueIndex);
    } catch (RuntimeException | Error e) {
      GuardedListener.tellThread(e);
    }
  }

  @Override
  public void configurationChanged() {
    try {
      line.configurationChanged();
    } catch (RuntimeException | Error e) {
      GuardedListener.tellThread(e);
    }
  }
}
