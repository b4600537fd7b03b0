/**
 * The contract of a format driver as tests that its author inherits from {@link
 * dev.platter.tck.format.FormatDriverContract}.
 *
 * <p>Images lie in memory; the driver is opened by the block graph, as an emulator would open it.
 * That is why this is an artifact beside {@code driver-tck} and not a part of it: the graph's own
 * tests use {@code driver-tck}, and nothing that the graph depends on may depend on the graph.
 */
package dev.platter.tck.format;
