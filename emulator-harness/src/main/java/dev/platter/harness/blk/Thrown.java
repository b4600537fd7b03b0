package dev.platter.harness.blk;

import java.util.Optional;

/**
 * The first of what several steps threw, all of which were taken: so that a step that throws keeps
 * nobody waiting for those behind it.
 */
final class Thrown {
  /** Nothing was thrown. */
  static final Thrown NOTHING = new Thrown(Optional.empty());

  private final Optional<Throwable> unchecked;

  private Thrown(Optional<Throwable> unchecked) {
    this.unchecked = unchecked;
  }

  /**
   * Something that was caught.
   *
   * @param unchecked a {@link RuntimeException} or an {@link Error}
   */
  static Thrown of(Throwable unchecked) {
    return new Thrown(Optional.of(unchecked));
  }

  /** What a step throws, which is taken now. */
  static Thrown by(Runnable step) {
    try {
      step.run();
      return NOTHING;
    } catch (RuntimeException | Error e) {
      return of(e);
    }
  }

  /** What comes back when a request is given to an executor; takes no memory if it is nothing. */
  static Thrown by(RequestExecutor executor, Runnable request) {
    try {
      executor.execute(request);
      return NOTHING;
    } catch (RuntimeException | Error e) {
      return of(e);
    }
  }

  /** This, or what later steps threw if nothing was thrown so far. */
  Thrown and(Thrown later) {
    return unchecked.isPresent() ? this : later;
  }

  /** Throws what was thrown, if something was. */
  void rethrow() {
    switch (unchecked.orElse(null)) {
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case null, default -> {}
    }
  }
}
