package dev.platter.tck.format;

import static dev.platter.tck.format.FormatFixture.SECTOR_BYTES;

import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * A disk of some format, and what it holds: where crash scenarios begin. Immutable; scenarios work
 * on copies.
 */
public final class CrashDisk {
  private final FormatFixture fixture;
  private final FormatImage image;
  private final SectorModel model;

  private CrashDisk(FormatFixture fixture, FormatImage image, SectorModel model) {
    this.fixture = fixture;
    this.image = image;
    this.model = model;
  }

  /** A new image of zeros. */
  public static CrashDisk zeros(FormatFixture fixture, int sectorCount) throws IOException {
    long size = (long) sectorCount * SECTOR_BYTES;
    return new CrashDisk(fixture, FormatImage.created(fixture, size), new SectorModel(sectorCount));
  }

  /**
   * An image that somebody else has made.
   *
   * @param content steps that would make a disk of zeros hold what it holds
   */
  public static CrashDisk found(
      FormatFixture fixture, MemoryNode file, int sectorCount, List<CrashStep> content) {
    SectorModel model = new SectorModel(sectorCount);
    content.forEach(step -> model.took(step, true));
    model.flushed();
    return new CrashDisk(fixture, new FormatImage(fixture, file), model);
  }

  /**
   * This image, in which nothing has been written yet, over plain bytes.
   *
   * @param content what is written to a disk of zeros to make these bytes
   */
  public CrashDisk over(int sectorCount, List<CrashStep.Write> content) {
    byte[] bytes = new byte[sectorCount * SECTOR_BYTES];
    SectorModel below = new SectorModel(sectorCount);
    for (CrashStep.Write write : content) {
      below.took(write, true);
      int start = write.sectorIndex() * SECTOR_BYTES;
      Arrays.fill(bytes, start, start + write.count() * SECTOR_BYTES, (byte) write.value());
    }
    FormatImage base = FormatImage.plain(fixture, MemoryNode.of("base", bytes));
    return over(new CrashDisk(fixture, base, below));
  }

  /** This image, in which nothing has been written yet, over another disk, which is not written. */
  public CrashDisk over(CrashDisk below) {
    SectorModel over = model.copy();
    over.laidOver(below.model);
    over.showsBelow();
    return new CrashDisk(fixture, image.over(below.image), over);
  }

  /** This disk once these steps have been done, and are durable. */
  public CrashDisk after(List<CrashStep> steps) throws IOException {
    FormatImage copy = image.copy();
    SectorModel changed = model.copy();
    try (OpenChain chain = OpenChain.writable(fixture, copy, (_, file) -> file)) {
      for (CrashStep step : steps) {
        chain.perform(step);
        changed.took(step, true);
      }
      chain.node().flush();
      changed.assertNow(chain.node());
    }
    changed.flushed();
    return new CrashDisk(fixture, copy, changed);
  }

  /** A scenario of these steps on this disk. */
  public CrashScenario scenario(List<CrashStep> steps) {
    return new CrashScenario(this, steps);
  }

  FormatFixture fixture() {
    return fixture;
  }

  FormatImage image() {
    return image;
  }

  SectorModel model() {
    return model.copy();
  }
}
