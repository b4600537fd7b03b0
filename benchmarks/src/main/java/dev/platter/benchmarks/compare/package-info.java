/**
 * Whole programs side by side: Platter's and QEMU's, the same images, the same requests, in turns.
 * Uses nothing of Platter, so that it runs from its sources: {@code benchmarks/compare}.
 */
package dev.platter.benchmarks.compare;
