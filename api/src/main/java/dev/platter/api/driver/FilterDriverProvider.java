package dev.platter.api.driver;

import dev.platter.api.BlockNode;
import java.io.IOException;

/** Opens nodes that pass requests on to one other node and do something to them on the way. */
public non-sealed interface FilterDriverProvider extends BlockDriverProvider {

  /**
   * Puts a filter on a node.
   *
   * @return the filter; the caller closes it, and afterwards the node below
   */
  BlockNode open(FilterOpening opening) throws IOException;
}
