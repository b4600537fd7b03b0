/** The guest side: memory, virtqueues, the virtio-blk device, a mock guest. */
package dev.platter.harness;
