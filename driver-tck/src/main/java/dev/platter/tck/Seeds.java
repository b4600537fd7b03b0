package dev.platter.tck;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Random tests that can be run again: a failure names the seed that leads to it. */
public final class Seeds {
  private static final String PROPERTY = "platter.seed";

  private Seeds() {}

  /** A test's body. */
  @FunctionalInterface
  public interface Body {
    /** Runs the test with all its randomness from {@code random}. */
    void run(RandomGenerator random) throws Exception;
  }

  /**
   * Runs a body with the seed that the property {@code platter.seed} gives, else with a fresh one.
   *
   * @throws AssertionError with the seed in its message, if the body throws anything
   */
  public static void run(Body body) {
    run(Long.getLong(PROPERTY, System.nanoTime()), body);
  }

  /** Runs a body with this seed. */
  public static void run(long seed, Body body) {
    try {
      body.run(new SplittableRandom(seed));
    } catch (Exception | AssertionError e) {
      throw new AssertionError("-D%s=%d: %s".formatted(PROPERTY, seed, e.getMessage()), e);
    }
  }

  /** Random bytes, without a zero among them. */
  public static byte[] bytes(RandomGenerator random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    for (int i = 0; i < length; i++) {
      bytes[i] = bytes[i] == 0 ? 1 : bytes[i];
    }
    return bytes;
  }
}
