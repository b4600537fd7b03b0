package dev.platter.api.driver;

import dev.platter.api.Preallocation;
import java.io.IOException;

/** A format driver whose images can change their virtual size. */
public interface ResizableFormat {
  /**
   * Changes the virtual size. The graph has drained all requests.
   *
   * <p>Growth over a longer backing file would show what lies below. Only the graph knows that, so
   * the driver lets it zero the growth at a moment when nothing depends on it yet: a power cut
   * leaves the old size, or the new one with its zeros.
   *
   * @param newSize the new size in bytes
   * @param preallocation what to reserve for the growth
   * @param growth performed once, if the disk grows, when the driver takes requests up to the new
   *     size and the image still has the old one; what it writes is durable before the image has
   *     the new size
   * @throws IOException also if {@code growth} throws it; the image has its old size then
   */
  void resize(long newSize, Preallocation preallocation, Growth growth) throws IOException;

  /**
   * Changes the virtual size of an image that lies over nothing.
   *
   * @see #resize(long, Preallocation, Growth)
   */
  default void resize(long newSize, Preallocation preallocation) throws IOException {
    resize(newSize, preallocation, () -> {});
  }

  /** What is to be done with the space that a disk gains, before it has gained it for good. */
  @FunctionalInterface
  interface Growth {
    /** Makes it read as zeros. */
    void zero() throws IOException;
  }
}
