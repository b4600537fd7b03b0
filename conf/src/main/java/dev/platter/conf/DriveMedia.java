package dev.platter.conf;

/** What kind of drive a guest sees: {@code media=}. A CD-ROM is always read-only. */
public enum DriveMedia {
  DISK,
  CDROM
}
