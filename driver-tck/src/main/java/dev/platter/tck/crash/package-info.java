/** What a power cut can leave on a disk, worked out from a log of what was written to it. */
package dev.platter.tck.crash;
