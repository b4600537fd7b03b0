package dev.platter.tools.img;

import dev.platter.tools.CommandFailure;
import dev.platter.tools.image.ErrorText;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Reads what is copied. With {@code --salvage}, what cannot be read in one piece is read sector by
 * sector, and what cannot be read at all is zeros.
 *
 * @param images where from
 */
record CopySource(ImageSequence images, Salvage salvage) {

  /** Fills {@code dst}. */
  void read(long offset, MemorySegment dst) throws CommandFailure {
    try {
      images.read(offset, dst);
    } catch (IOException e) {
      if (!salvage.wanted()) {
        throw new CommandFailure(
                "error while reading at byte %d: %s".formatted(offset, ErrorText.ofRequest(e)))
            .causedBy(e);
      }
      readSectors(offset, dst);
    }
  }

  private void readSectors(long offset, MemorySegment dst) {
    for (long at = 0; at < dst.byteSize(); at += Salvage.SECTOR_BYTES) {
      long length = Math.min(Salvage.SECTOR_BYTES, dst.byteSize() - at);
      MemorySegment sector = dst.asSlice(at, length);
      try {
        images.read(offset + at, sector);
      } catch (IOException e) {
        salvage.warn(
            "error while reading offset %d: %s".formatted(offset + at, ErrorText.ofRequest(e)));
        sector.fill((byte) 0);
      }
    }
  }
}
