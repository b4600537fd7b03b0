package dev.platter.tools.image;

import dev.platter.tools.OptionParts;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What {@code --object help} and {@code --object TYPE,help} are answered with, as QEMU does. */
public final class ObjectHelp {
  private static final String OPTION = "--" + UserObjects.OPTION;
  private static final Set<String> HELP = Set.of("help", "?");
  private static final List<String> SECRET =
      List.of(
          "data=<string>",
          "file=<string>",
          "format=<QCryptoSecretFormat>",
          "iv=<string>",
          "keyid=<string>");

  private ObjectHelp() {}

  /**
   * The answer to the first object among a command's words that asks for help.
   *
   * @return whole lines; empty if none does
   */
  public static Optional<String> of(List<String> args) {
    int end = args.contains("--") ? args.indexOf("--") : args.size();
    return IntStream.range(0, end)
        .mapToObj(i -> object(args, i))
        .flatMap(Optional::stream)
        .map(ObjectHelp::answer)
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Optional<String> object(List<String> args, int index) {
    String word = args.get(index);
    if (word.startsWith(OPTION + "=")) {
      return Optional.of(word.substring(OPTION.length() + 1));
    }
    return word.equals(OPTION) && index + 1 < args.size()
        ? Optional.of(args.get(index + 1))
        : Optional.empty();
  }

  private static Optional<String> answer(String object) {
    if (HELP.contains(object)) {
      return Optional.of(types());
    }
    List<String> parts = OptionParts.split(object);
    if (parts.stream().skip(1).noneMatch(HELP::contains)) {
      return Optional.empty();
    }
    return switch (parts.getFirst()) {
      case ObjectRules.SECRET -> Optional.of(properties(ObjectRules.SECRET, SECRET));
      case ObjectRules.THROTTLE_GROUP ->
          Optional.of(properties(ObjectRules.THROTTLE_GROUP, limits()));
      default -> ObjectRules.isKnown(parts.getFirst()) ? Optional.empty() : Optional.of(types());
    };
  }

  private static String types() {
    return ObjectRules.types().stream()
        .collect(Collectors.joining("\n  ", "List of user creatable objects:\n  ", "\n"));
  }

  private static String properties(String type, List<String> lines) {
    return lines.stream().collect(Collectors.joining("\n  ", type + " options:\n  ", "\n"));
  }

  /** In the order of QEMU, which sorts by what stands before the equals sign and all. */
  private static List<String> limits() {
    Set<String> lines = new TreeSet<>();
    for (String rate : List.of("bps-read", "bps-total", "bps-write")) {
      addRate(rate, lines);
      addRate(rate.replace("bps", "iops"), lines);
    }
    lines.add("limits=<ThrottleLimits>");
    lines.add("x-iops-size=<int>");
    return List.copyOf(lines);
  }

  private static void addRate(String rate, Set<String> lines) {
    for (String of : List.of("", "-max", "-max-length")) {
      lines.add("x-" + rate + of + "=<int>");
    }
  }
}
