/**
 * Nodes of the block graph and the values that pass between them.
 *
 * <p>A {@link dev.platter.api.BlockNode} is what an emulator reads and writes. Drivers are found by
 * the types of {@link dev.platter.api.driver}, configured through {@link dev.platter.api.option},
 * and described by {@link dev.platter.api.spec}. Failures are the types of {@link
 * dev.platter.api.error}.
 */
package dev.platter.api;
