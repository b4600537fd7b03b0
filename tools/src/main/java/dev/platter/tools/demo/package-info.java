/** {@code platter demo}: what the L2 cache does to a guest, shown on a chain of three images. */
package dev.platter.tools.demo;
