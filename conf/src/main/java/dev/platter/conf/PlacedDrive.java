package dev.platter.conf;

/**
 * A drive of a command line, with everything that the line as a whole decides.
 *
 * @param spec the drive as it was written
 * @param id its name: the one it was given, else one made of interface, bus and unit
 * @param interfaceType what it is attached to
 * @param bus the bus on the interface
 * @param unit the unit on the bus
 */
public record PlacedDrive(
    DriveSpec spec, String id, DriveInterface interfaceType, int bus, int unit) {}
