package dev.platter.tck.format;

import static dev.platter.tck.format.FormatFixture.SECTOR_BYTES;

import dev.platter.api.BlockNode;
import dev.platter.api.ZeroMode;
import java.io.IOException;
import java.util.Arrays;

/** A request of a crash scenario; ranges are in sectors. */
sealed interface CrashStep {

  /** Sends the request. */
  void send(BlockNode node) throws IOException;

  /** Changes the model as the request does. {@code done} unless power was cut before its end. */
  void apply(SectorModel model, boolean done);

  /** A write of one value to every byte. */
  record Write(int sectorIndex, int count, int value) implements CrashStep {
    @Override
    public void send(BlockNode node) throws IOException {
      byte[] bytes = new byte[count * SECTOR_BYTES];
      Arrays.fill(bytes, (byte) value);
      node.write((long) sectorIndex * SECTOR_BYTES, bytes);
    }

    @Override
    public void apply(SectorModel model, boolean done) {
      model.changed(sectorIndex, count, (byte) value, done);
    }
  }

  /** A zero-write that may unmap. */
  record Zero(int sectorIndex, int count) implements CrashStep {
    @Override
    public void send(BlockNode node) throws IOException {
      node.writeZeroes(
          (long) sectorIndex * SECTOR_BYTES, (long) count * SECTOR_BYTES, ZeroMode.MAY_UNMAP);
    }

    @Override
    public void apply(SectorModel model, boolean done) {
      model.changed(sectorIndex, count, (byte) 0, done);
    }
  }

  /** A discard. */
  record Discard(int sectorIndex, int count) implements CrashStep {
    @Override
    public void send(BlockNode node) throws IOException {
      node.discard((long) sectorIndex * SECTOR_BYTES, (long) count * SECTOR_BYTES);
    }

    @Override
    public void apply(SectorModel model, boolean done) {
      model.discarded(sectorIndex, count);
    }
  }

  /** A flush. */
  record Flush() implements CrashStep {
    @Override
    public void send(BlockNode node) throws IOException {
      node.flush();
    }

    @Override
    public void apply(SectorModel model, boolean done) {
      if (done) {
        model.flushed();
      }
    }
  }
}
