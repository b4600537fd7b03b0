package dev.platter.harness.junit;

import dev.platter.api.BlockNode;
import dev.platter.harness.blk.VirtioBlkDevice;
import dev.platter.harness.guest.MockBlkDriver;
import dev.platter.tck.fake.FaultyNode;
import java.nio.file.Path;
import java.util.List;

/**
 * A disk of a test, seen from all sides.
 *
 * @param images its image files, the top first; none for a disk in memory
 * @param node the disk itself, without faults
 * @param faults what stands between the disk and the guest's device: fails what it is told to
 * @param files the same between each image and its file, the top first; none for a disk in memory
 * @param device the device
 * @param driver the mock guest's driver of the device
 */
public record TestDisk(
    List<Path> images,
    BlockNode node,
    FaultyNode faults,
    List<FaultyNode> files,
    VirtioBlkDevice device,
    MockBlkDriver driver) {}
