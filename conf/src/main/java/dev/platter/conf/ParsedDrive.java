package dev.platter.conf;

import java.util.List;

/**
 * What became of an option string.
 *
 * @param drive the drive it describes
 * @param warnings what should be written in another way, in the order of the string
 */
public record ParsedDrive(DriveSpec drive, List<OptionWarning> warnings) {
  public ParsedDrive {
    warnings = List.copyOf(warnings);
  }
}
