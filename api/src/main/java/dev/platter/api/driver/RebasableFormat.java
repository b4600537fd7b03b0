package dev.platter.api.driver;

import dev.platter.api.BackingReference;
import java.io.IOException;
import java.util.Optional;

/** A format driver whose images can be made to name another backing file. */
public interface RebasableFormat {
  /**
   * Changes what the header says about the backing file, durably; guest bytes stay where they are.
   * A power cut meanwhile leaves the old reference or the new one. The graph has drained all
   * requests.
   *
   * @param backing what the header shall name; empty for no backing file
   * @throws dev.platter.api.error.BlockIoException with ENOSPC if the header has no room for it;
   *     nothing has changed then
   */
  void setBacking(Optional<BackingReference> backing) throws IOException;
}
