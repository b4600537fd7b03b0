package dev.platter.tck.fake;

import dev.platter.api.driver.BlockEvent;
import dev.platter.api.driver.CacheBudget;
import dev.platter.api.driver.DriverEnvironment;
import dev.platter.api.driver.Secrets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** An environment with a clock that tests move by hand, and a list of the events raised. */
public final class TestEnvironment implements DriverEnvironment {
  private final ManualClock clock = new ManualClock();
  private final List<BlockEvent> raised = new CopyOnWriteArrayList<>();

  private final CacheBudget cacheBudget;

  /** An environment without events, and without a limit for caches. */
  public TestEnvironment() {
    this(CacheBudget.unlimited());
  }

  /** An environment without events. */
  public TestEnvironment(CacheBudget cacheBudget) {
    this.cacheBudget = cacheBudget;
  }

  @Override
  public CacheBudget cacheBudget() {
    return cacheBudget;
  }

  /** {@inheritDoc} Of any name: {@link NamedSecrets}. */
  @Override
  public Secrets secrets() {
    return NamedSecrets.INSTANCE;
  }

  @Override
  public ManualClock clock() {
    return clock;
  }

  @Override
  public Consumer<BlockEvent> events() {
    return raised::add;
  }

  /** The events raised so far, oldest first; a copy. */
  public List<BlockEvent> raised() {
    return List.copyOf(raised);
  }
}
