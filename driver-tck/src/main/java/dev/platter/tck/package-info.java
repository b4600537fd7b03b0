/**
 * The contract of {@link dev.platter.api.BlockNode} as tests that a node's author inherits.
 *
 * <p>A test class extends {@link dev.platter.tck.NodeContract} and says how to make a {@link
 * dev.platter.tck.Medium} to open nodes on; JUnit finds the tests in the interfaces that the
 * contract is made of. The contract of a format driver builds on this one and has an artifact of
 * its own, because it needs the block graph and this one needs the api alone.
 */
package dev.platter.tck;
