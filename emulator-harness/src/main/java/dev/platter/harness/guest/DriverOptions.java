package dev.platter.harness.guest;

import java.time.Duration;
import java.util.Objects;

/**
 * How the mock driver uses its device.
 *
 * @param featureMask the features that the driver knows; those offered beyond are declined
 * @param queueCount the most queues to use, at least 1
 * @param queueSize the most descriptors of a queue, a power of two, at least 4
 * @param framing how requests are cut into buffers
 * @param timeout how long a synchronous call waits for an answer
 */
public record DriverOptions(
    long featureMask, int queueCount, int queueSize, Framing framing, Duration timeout) {

  /** Everything that the device offers, the usual three buffers, one minute. */
  public static final DriverOptions DEFAULT =
      new DriverOptions(-1L, 1024, 32768, Framing.USUAL, Duration.ofMinutes(1));

  public DriverOptions {
    Objects.requireNonNull(framing, "framing");
    Objects.requireNonNull(timeout, "timeout");
    if (queueCount < 1 || queueSize < 4 || Integer.bitCount(queueSize) != 1) {
      throw new IllegalArgumentException(queueCount + " queues of " + queueSize);
    }
  }

  /** These options without some features. */
  public DriverOptions without(long features) {
    return new DriverOptions(featureMask & ~features, queueCount, queueSize, framing, timeout);
  }

  /** These options with other bounds of queues. */
  public DriverOptions withQueues(int queueCount, int queueSize) {
    return new DriverOptions(featureMask, queueCount, queueSize, framing, timeout);
  }

  /** These options with another framing. */
  public DriverOptions withFraming(Framing framing) {
    return new DriverOptions(featureMask, queueCount, queueSize, framing, timeout);
  }

  /** These options with another limit of patience. */
  public DriverOptions withTimeout(Duration timeout) {
    return new DriverOptions(featureMask, queueCount, queueSize, framing, timeout);
  }
}
