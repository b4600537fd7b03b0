package dev.platter.conf;

import dev.platter.api.driver.DriverLookup;
import dev.platter.api.spec.NodeSpec;
import java.util.List;

/**
 * The drives of a whole command line, as QEMU takes it.
 *
 * <p>{@code -drive}, {@code -blockdev}, {@code -hda} to {@code -hdd} and {@code -cdrom} are taken
 * out, each with one dash or two. Everything else comes back untouched and in order, {@code
 * -device} too: which devices there are is the machine's affair.
 *
 * @param drives the drives, in the order in which they stand
 * @param nodes the nodes of {@code -blockdev}, in the order in which they stand; they are opened
 *     first, so that drives can refer to them
 * @param attachments the devices that refer to a drive by its id or to a node by its name
 * @param rest what is not a drive
 * @param warnings what should be written in another way
 */
public record DriveArguments(
    List<PlacedDrive> drives,
    List<NodeSpec> nodes,
    List<Attachment> attachments,
    List<String> rest,
    List<OptionWarning> warnings) {

  public DriveArguments {
    drives = List.copyOf(drives);
    nodes = List.copyOf(nodes);
    attachments = List.copyOf(attachments);
    rest = List.copyOf(rest);
    warnings = List.copyOf(warnings);
  }

  /**
   * Reads a command line, without the name of the program, for a machine whose drives are virtio's
   * unless they say otherwise.
   *
   * @throws DriveSyntaxException with everything that is wrong with every drive, and with the
   *     drives together: names given twice, places taken twice, references to nothing
   */
  public static DriveArguments from(List<String> argv, DriverLookup drivers)
      throws DriveSyntaxException {
    return from(argv, new DriveParser(drivers), DriveInterface.VIRTIO);
  }

  /**
   * Reads a command line.
   *
   * @param parser knows the drivers and the profiles
   * @param machineDefault what a drive is attached to if it does not say
   * @throws DriveSyntaxException with everything that is wrong
   */
  public static DriveArguments from(
      List<String> argv, DriveParser parser, DriveInterface machineDefault)
      throws DriveSyntaxException {
    return ArgumentReader.read(argv, parser, machineDefault);
  }
}
