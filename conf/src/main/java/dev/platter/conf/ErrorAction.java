package dev.platter.conf;

/** What a device does about a failed request: {@code rerror=} and {@code werror=}. */
public enum ErrorAction {
  /** Tells the guest that the request succeeded. */
  IGNORE,
  /** Stops the guest, so that the request can be tried again. */
  STOP,
  /** Tells the guest. */
  REPORT,
  /** Stops if the host is out of space, else tells the guest; for writes only. */
  ENOSPC
}
