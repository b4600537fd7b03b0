package dev.platter.api.driver;

import java.io.IOException;

/** A format driver whose images can let go of all guest bytes they hold. */
public interface EmptiableFormat {
  /**
   * Lets go of everything that was ever written through the image, and gives the space back to the
   * host: afterwards the layers below show through everywhere. The virtual size, the backing file
   * and internal snapshots stay.
   *
   * <p>The graph has drained all requests. A power cut meanwhile leaves each range held or let go.
   */
  void empty() throws IOException;
}
