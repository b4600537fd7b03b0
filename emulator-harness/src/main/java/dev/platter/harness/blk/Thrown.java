package dev.platter.harness.blk;

import java.util.Optional;

/**
 * The first of what several steps threw, all of which were taken: so that a step that throws keeps
 * nobody waiting for those behind it.
 */
final class Thrown {
  /** Nothing was thrown. */
  static final Thrown NOTHING = new Thrown(Optional.empty());

  private static final Thrown NO_MEMORY = new Thrown(Optional.of(new OutOfMemoryError()));

  private final Optional<Throwable> unchecked;

  private Thrown(Optional<Throwable> unchecked) {
    this.unchecked = unchecked;
  }

  /**
   * Something that was caught; an error without a message stands for it if there is no memory.
   *
   * @param unchecked a {@link RuntimeException} or an {@link Error}
   */
  static Thrown of(Throwable unchecked) {
    try {
      return new Thrown(Optional.of(unchecked));
    } catch (OutOfMemoryError e) {
      return NO_MEMORY;
    }
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
