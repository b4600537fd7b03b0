package dev.platter.api.driver;

import java.util.OptionalLong;

/**
 * How large an image's file will be.
 *
 * @param requiredBytes the most it takes to hold what is to be copied into it; an upper bound
 * @param fullyAllocatedBytes what it takes once every byte of the disk is allocated
 * @param bitmapBytes what its bitmaps take beside that; empty if it has none, or cannot
 */
public record ImageMeasure(
    long requiredBytes, long fullyAllocatedBytes, OptionalLong bitmapBytes) {}
