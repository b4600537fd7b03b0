package dev.platter.api.driver;

import dev.platter.api.Preallocation;
import java.io.IOException;

/** A format driver whose images can change their virtual size. */
public interface ResizableFormat {
  /**
   * Changes the virtual size. The graph has drained all requests.
   *
   * @param newSize the new size in bytes; growth reads as zeros whatever the layers below hold
   * @param preallocation what to reserve for the growth
   */
  void resize(long newSize, Preallocation preallocation) throws IOException;
}
