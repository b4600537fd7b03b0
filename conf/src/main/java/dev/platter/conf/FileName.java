package dev.platter.conf;

import java.util.Optional;
import java.util.Set;

/**
 * The three kinds of names that {@code file=} takes: {@code json:{...}}, {@code protocol:rest}, and
 * plain paths.
 */
final class FileName {
  static final String JSON = "json:";
  static final String BLKDEBUG = "blkdebug";
  static final String BLKVERIFY = "blkverify";

  /** Filters that names may begin with as if they were protocols. */
  static final Set<String> NAMED_FILTERS = Set.of(BLKDEBUG, BLKVERIFY);

  private FileName() {}

  /** Whether the name, where a protocol may stand, means the path that it spells. */
  static boolean isPlain(String name) {
    return !name.isEmpty() && protocol(name).isEmpty();
  }

  /**
   * What stands before a colon that comes before any slash; a Windows drive letter is none.
   *
   * @return the protocol; {@code json} for a JSON object
   */
  static Optional<String> protocol(String name) {
    int colon = name.indexOf(':');
    int slash = name.indexOf('/');
    if (colon < 0 || (slash >= 0 && slash < colon) || isDriveLetter(name, colon)) {
      return Optional.empty();
    }
    return Optional.of(name.substring(0, colon));
  }

  private static boolean isDriveLetter(String name, int colon) {
    return colon == 1
        && Character.isLetter(name.charAt(0))
        && name.length() > 2
        && (name.charAt(2) == '\\' || name.charAt(2) == '/');
  }
}
