package dev.platter.api.driver;

/** Something that happened to a node and that no request reports. */
public sealed interface BlockEvent {

  /** The node it happened to. */
  String nodeName();

  /** What a user is told of it. */
  String message();

  /** An image was found to be corrupt while in use; reported once for an image. */
  record ImageCorrupted(String nodeName, String message, boolean fatal) implements BlockEvent {}

  /** Something the user should know, and that stops nothing. */
  record Warning(String nodeName, String message) implements BlockEvent {}

  /**
   * A line of the check that repairs an image which was not closed properly, while it is opened. A
   * warning sums them up.
   */
  record RepairFinding(String nodeName, String message) implements BlockEvent {}

  /**
   * An image whose format nobody named was taken for a raw one, and is written to.
   *
   * @param imageName the name of its file, as it was given
   */
  record RawGuessed(String nodeName, String imageName) implements BlockEvent {
    @Override
    public String message() {
      return ("Image format was not specified for '%s' and probing guessed raw. Automatically"
              + " detecting the format is dangerous for raw images, write operations on block 0"
              + " will be restricted. Specify the 'raw' format explicitly to remove the"
              + " restrictions.")
          .formatted(imageName);
    }
  }
}
