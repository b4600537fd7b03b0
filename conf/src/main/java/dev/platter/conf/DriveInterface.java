package dev.platter.conf;

import java.util.Locale;

/** What a drive is attached to: {@code if=}. */
public enum DriveInterface {
  NONE(0),
  IDE(2),
  SCSI(7),
  FLOPPY(0),
  PFLASH(0),
  MTD(0),
  SD(0),
  VIRTIO(0),
  XEN(0);

  private final int unitsPerBus;

  DriveInterface(int unitsPerBus) {
    this.unitsPerBus = unitsPerBus;
  }

  /** How many units a bus has; 0 if there is one bus with any number of units. */
  public int unitsPerBus() {
    return unitsPerBus;
  }

  /** The name, as option strings write it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether devices on it can follow {@code rerror} and {@code werror}. */
  public boolean hasErrorPolicy() {
    return this == IDE || this == SCSI || this == VIRTIO || this == NONE;
  }
}
