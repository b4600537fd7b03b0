package dev.platter.api.driver;

/** Something that happened to a node and that no request reports. */
public sealed interface BlockEvent {

  /** The node it happened to. */
  String nodeName();

  /** An image was found to be corrupt while in use; reported once for an image. */
  record ImageCorrupted(String nodeName, String message, boolean fatal) implements BlockEvent {}

  /** Something the user should know, and that stops nothing. */
  record Warning(String nodeName, String message) implements BlockEvent {}
}
