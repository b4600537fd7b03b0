/** The virtio block device: Virtual I/O Device specification 1.2, section 5.2. */
package dev.platter.harness.blk;
