package dev.platter.conf;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The device's side of a drive: where it is attached, and how it treats its guest.
 *
 * @param id the drive's name, by which {@code -device ...,drive=} refers to it
 * @param interfaceType what it is attached to; empty if the machine decides
 * @param bus the bus on the interface
 * @param unit the unit on the bus
 * @param index the position counted over all buses, instead of bus and unit
 * @param media disk or CD-ROM
 * @param readErrors what happens when a read fails; never {@link ErrorAction#ENOSPC}
 * @param writeErrors what happens when a write fails
 */
public record DriveDevice(
    Optional<String> id,
    Optional<DriveInterface> interfaceType,
    OptionalInt bus,
    OptionalInt unit,
    OptionalInt index,
    DriveMedia media,
    ErrorAction readErrors,
    ErrorAction writeErrors) {

  /** A disk of which nothing else is said. */
  public static final DriveDevice DISK =
      new DriveDevice(
          Optional.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          DriveMedia.DISK,
          ErrorAction.REPORT,
          ErrorAction.ENOSPC);

  public DriveDevice {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(interfaceType, "interfaceType");
    Objects.requireNonNull(bus, "bus");
    Objects.requireNonNull(unit, "unit");
    Objects.requireNonNull(index, "index");
    Objects.requireNonNull(media, "media");
    Objects.requireNonNull(readErrors, "readErrors");
    Objects.requireNonNull(writeErrors, "writeErrors");
    if (readErrors == ErrorAction.ENOSPC) {
      throw new IllegalArgumentException("reads have no action 'enospc'");
    }
  }
}
