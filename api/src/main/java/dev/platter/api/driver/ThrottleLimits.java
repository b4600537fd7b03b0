package dev.platter.api.driver;

import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How fast requests may be, by QEMU's rules: bytes and operations each second, of reads, writes and
 * both, each with a burst.
 *
 * @param bytesTotal of reads and writes together
 * @param operationsTotal of reads and writes together
 * @param operationBytes a larger request counts as several operations of so many bytes; 0 if each
 *     request is one
 */
public record ThrottleLimits(
    Rate bytesTotal,
    Rate bytesRead,
    Rate bytesWrite,
    Rate operationsTotal,
    Rate operationsRead,
    Rate operationsWrite,
    long operationBytes) {
  /** The most that a rate can be. */
  public static final long MAXIMUM = 1_000_000_000_000_000L;

  private static final String OPERATION_BYTES = "iops-size";
  private static final List<String> KINDS = List.of("bps", "iops");
  private static final List<String> DIRECTIONS = List.of("total", "read", "write");

  /**
   * A rate.
   *
   * @param average units each second; 0 for no limit
   * @param burst units each second during a burst; 0 for bursts of a tenth of a second
   * @param burstSeconds how long a burst may last, at least 1
   */
  public record Rate(long average, long burst, long burstSeconds) {}

  /**
   * Reads limits.
   *
   * @param numbers values by QEMU's names: {@code bps-total}, {@code iops-read-max}, {@code
   *     bps-write-max-length}, {@code iops-size}; others are left alone
   * @throws OptionException if they contradict each other
   */
  public static ThrottleLimits of(Map<String, Long> numbers) throws OptionException {
    Optional<OptionProblem> problem = problem(numbers);
    if (problem.isPresent()) {
      throw new OptionException(problem.get());
    }
    return new ThrottleLimits(
        rate(numbers, "bps-total"),
        rate(numbers, "bps-read"),
        rate(numbers, "bps-write"),
        rate(numbers, "iops-total"),
        rate(numbers, "iops-read"),
        rate(numbers, "iops-write"),
        numbers.getOrDefault(OPERATION_BYTES, 0L));
  }

  /** Whether any limit is set. */
  public boolean limited() {
    return rates().values().stream().anyMatch(rate -> rate.average() != 0);
  }

  /** The numbers of which {@link #of} makes equal limits, but for those that it adds by itself. */
  public Map<String, Long> numbers() {
    Map<String, Long> numbers = new LinkedHashMap<>();
    rates()
        .forEach(
            (name, rate) -> {
              put(numbers, name, rate.average(), 0);
              put(numbers, name + "-max", rate.burst(), 0);
              put(numbers, name + "-max-length", rate.burstSeconds(), 1);
            });
    put(numbers, OPERATION_BYTES, operationBytes, 0);
    return numbers;
  }

  private static void put(Map<String, Long> numbers, String name, long value, long usual) {
    if (value != usual) {
      numbers.put(name, value);
    }
  }

  private Map<String, Rate> rates() {
    Map<String, Rate> rates = new LinkedHashMap<>();
    rates.put("bps-total", bytesTotal);
    rates.put("bps-read", bytesRead);
    rates.put("bps-write", bytesWrite);
    rates.put("iops-total", operationsTotal);
    rates.put("iops-read", operationsRead);
    rates.put("iops-write", operationsWrite);
    return rates;
  }

  /** What is wrong with {@link #of}'s numbers, each and together, under the name to blame. */
  public static Optional<OptionProblem> problem(Map<String, Long> numbers) {
    for (Map.Entry<String, Long> number : numbers.entrySet()) {
      boolean bounded = !number.getKey().endsWith("-length");
      if (bounded && (number.getValue() < 0 || number.getValue() > MAXIMUM)) {
        return refusal(
            number.getKey(), "bps/iops/max values must be within [0, %d]".formatted(MAXIMUM));
      }
    }
    for (String kind : KINDS) {
      for (String part : List.of("", "-max")) {
        String total = kind + "-total" + part;
        if (isSet(numbers, total)
            && (isSet(numbers, kind + "-read" + part) || isSet(numbers, kind + "-write" + part))) {
          return refusal(
              total,
              "bps/iops/max total values and read/write values cannot be used at the same time");
        }
      }
    }
    if (isSet(numbers, OPERATION_BYTES)
        && DIRECTIONS.stream().noneMatch(each -> isSet(numbers, "iops-" + each))) {
      return refusal(OPERATION_BYTES, "iops size requires an iops value to be set");
    }
    return KINDS.stream()
        .flatMap(kind -> DIRECTIONS.stream().map(direction -> kind + "-" + direction))
        .flatMap(rate -> problem(numbers, rate).stream())
        .findFirst();
  }

  private static Optional<OptionProblem> problem(Map<String, Long> numbers, String name) {
    Rate rate = rate(numbers, name);
    String burst = name + "-max";
    String length = burst + "-length";
    if (rate.burstSeconds() == 0) {
      return refusal(length, "the burst length cannot be 0");
    }
    if (rate.burstSeconds() > 1 && rate.burst() == 0) {
      return refusal(length, "burst length set without burst rate");
    }
    if (rate.burst() > 0 && rate.burstSeconds() > MAXIMUM / rate.burst()) {
      return refusal(length, "burst length too high for this burst rate");
    }
    if (rate.burst() > 0 && rate.average() == 0) {
      return refusal(burst, "bps_max/iops_max require corresponding bps/iops values");
    }
    if (rate.burst() > 0 && rate.burst() < rate.average()) {
      return refusal(burst, "bps_max/iops_max cannot be lower than bps/iops");
    }
    return Optional.empty();
  }

  private static Rate rate(Map<String, Long> numbers, String name) {
    return new Rate(
        numbers.getOrDefault(name, 0L),
        numbers.getOrDefault(name + "-max", 0L),
        numbers.getOrDefault(name + "-max-length", 1L));
  }

  private static boolean isSet(Map<String, Long> numbers, String name) {
    return numbers.getOrDefault(name, 0L) != 0;
  }

  private static Optional<OptionProblem> refusal(String name, String message) {
    return Optional.of(OptionProblem.of(name, message));
  }
}
