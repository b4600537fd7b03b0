package dev.platter.graph;

import dev.platter.api.spec.NodeSpec;
import java.io.IOException;

/**
 * Turns a file name, as users and images write it, into the node it denotes.
 *
 * <p>A name is a plain path, or begins with a protocol and a colon: {@code file:disk.raw}, {@code
 * json:{...}}. Threads: called from any thread that opens.
 */
@FunctionalInterface
public interface FileNameParser {

  /** Plain paths and {@code file:}; other protocols are refused. */
  FileNameParser PLAIN = FileNames::parse;

  /**
   * Parses a name.
   *
   * @param name the name; not empty
   * @return a node of a protocol driver, or a whole image
   * @throws IOException if the name is not in a syntax that is understood
   */
  NodeSpec parse(String name) throws IOException;
}
