package dev.platter.conf;

/** What may be opened because an image names it: the site key {@code gate}. */
public enum GatePolicy {
  /** Backing files by plain paths. */
  DEFAULT,
  /** Backing files by plain paths, and data files in the image's own folder. */
  BESIDE,
  /** Backing files that lie in given folders. */
  STRICT,
  /** Everything. */
  OFF
}
