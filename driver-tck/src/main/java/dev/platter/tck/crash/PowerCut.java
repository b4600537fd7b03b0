package dev.platter.tck.crash;

import dev.platter.tck.fake.MemoryNode;
import java.util.List;

/**
 * One state that a power cut can leave behind.
 *
 * @param description which changes reached the disk, for the message of a failing test
 * @param operationIndex the moment of the cut: operations of the log before this index had been
 *     issued
 * @param marks the texts of the marks that the log holds before that moment, in order
 * @param image the disk as it is found after the cut; the visitor's own copy
 */
public record PowerCut(
    String description, int operationIndex, List<String> marks, MemoryNode image) {}
