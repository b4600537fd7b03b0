package dev.platter.graph;

import java.io.IOException;

/**
 * The most layers that a chain may have.
 *
 * <p>Asked only when there is a layer below another: who opens single images need not know it.
 */
@FunctionalInterface
public interface ChainLimit {

  /**
   * The limit, at least 1.
   *
   * @throws IOException if it cannot be found out; the chain is not opened
   */
  int layerCount() throws IOException;
}
