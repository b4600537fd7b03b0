/**
 * The node graph, and the one loop that moves the bytes of every format.
 *
 * <p>{@link dev.platter.graph.BlockGraph} opens nodes by the drivers of a {@link
 * dev.platter.graph.DriverRegistry}, knows who uses whom, takes live snapshots and creates images.
 * A {@link dev.platter.graph.FormatNode} is an open image; its reads walk the chain in {@code
 * ChainReader}, its writes go in place or copy on write in {@code ChainWriter}, its zero-writes and
 * discards release clusters in {@code ZeroWriter}. A device holds a {@link
 * dev.platter.graph.BlockBackend}, whose root can be exchanged while requests come in.
 *
 * <p>What images name is opened only through a gate: {@link dev.platter.graph.Gates}.
 */
package dev.platter.graph;
