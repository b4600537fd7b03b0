package dev.platter.api.driver;

/** What the file below an image is to it: decides what others may do to the file meanwhile. */
public enum FileRole {
  /** The format's own structures lie in it. Nobody else may write to it or resize it. */
  IMAGE,
  /** Guest data lie in it at fixed offsets. Others may do what the image's user lets them. */
  DATA,
  /** It is the image, byte for byte. */
  SAME
}
