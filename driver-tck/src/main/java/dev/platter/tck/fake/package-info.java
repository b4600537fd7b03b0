/**
 * Nodes, clocks and openings for tests: data in memory, faults on demand, logs of what was done.
 *
 * <p>These are fakes, not mocks: they keep the contracts of {@link dev.platter.api}, so that a test
 * states what should be true afterwards and not which calls were made.
 */
package dev.platter.tck.fake;
