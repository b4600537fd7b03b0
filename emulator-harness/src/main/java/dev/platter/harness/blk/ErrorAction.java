package dev.platter.harness.blk;

/** What the device does with a request that the disk failed: {@code rerror} and {@code werror}. */
public enum ErrorAction {
  /** The guest gets the error. */
  REPORT,
  /** The guest is told that all went well. */
  IGNORE,
  /** The device stops and keeps the request; {@link VirtioBlkDevice#resume} submits it again. */
  STOP,
  /** {@link #STOP} if space has run out, otherwise {@link #REPORT}; for writes only. */
  ENOSPC
}
