package dev.platter.api.driver;

import dev.platter.api.BlockNode;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.option.OptionValues;
import java.io.IOException;

/** Opens and creates the places where bytes come from: host files, sockets, memory. */
public non-sealed interface ProtocolDriverProvider extends BlockDriverProvider {

  /** Opens a node; the caller closes it. */
  BlockNode open(ProtocolOpening opening) throws IOException;

  /**
   * Creates, or empties, what a file name denotes.
   *
   * @param fileName the name, in the protocol's own syntax
   * @param sizeBytes its size; it reads as zeros
   * @param options values of {@link #createOptions()}
   * @throws UnsupportedFeatureException if the protocol cannot create
   */
  default void create(String fileName, long sizeBytes, OptionValues options) throws IOException {
    throw new UnsupportedFeatureException(
        "Protocol driver '" + name() + "' does not support image creation");
  }

  /**
   * Deletes what {@link #create} has made where no image could then be put into it. By default it
   * stays, empty or half written.
   *
   * @param fileName the name, as it was created
   */
  default void delete(String fileName) throws IOException {}
}
