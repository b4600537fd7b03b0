/** Benchmarks of parts of the qcow2 driver that are nobody else's business. */
package dev.platter.qcow2;
