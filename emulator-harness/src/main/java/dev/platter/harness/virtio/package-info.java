/** Virtqueues, as the device sees them: Virtual I/O Device specification 1.2, sections 2 and 6. */
package dev.platter.harness.virtio;
