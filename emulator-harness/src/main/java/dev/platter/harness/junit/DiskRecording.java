package dev.platter.harness.junit;

import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.RecordingNode;

/**
 * What was done to the image file of a disk.
 *
 * @param plan what the disk was made from
 * @param before the file when it was opened
 * @param log what happened to it then
 */
record DiskRecording(DiskPlan plan, MemoryNode before, RecordingNode log) {}
