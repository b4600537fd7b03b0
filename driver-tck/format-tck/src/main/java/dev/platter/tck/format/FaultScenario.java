package dev.platter.tck.format;

import static dev.platter.tck.format.FormatFixture.SECTOR_BYTES;

import dev.platter.api.BlockNode;
import dev.platter.api.ZeroMode;
import dev.platter.api.error.BlockException;
import dev.platter.tck.fake.FaultyNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/**
 * Some requests on an image whose file fails at one point; then the image is opened again without
 * faults, and every sector must hold what it may hold.
 */
final class FaultScenario {
  private static final int UNIT_COUNT = 10;

  /** Tells a node which call is to fail. */
  @FunctionalInterface
  interface Injection {
    void into(FaultyNode file, int nth);
  }

  /** A request. */
  @FunctionalInterface
  private interface Request {
    void send() throws IOException;
  }

  private final FormatFixture fixture;
  private final Injection injection;
  private final int nth;
  private final int unit;
  private final int diskSectorCount;
  private final SectorModel model;
  private FaultyNode faulty;
  private BlockNode node;

  FaultScenario(FormatFixture fixture, Injection injection, int nth) throws IOException {
    this.fixture = fixture;
    this.injection = injection;
    this.nth = nth;
    this.unit = Math.max(4, fixture.unitBytes() / SECTOR_BYTES);
    this.diskSectorCount = UNIT_COUNT * unit + 1;
    this.model = new SectorModel(diskSectorCount);
  }

  /** Runs the scenario; says whether any call failed. */
  boolean run() throws IOException {
    try {
      return attempt();
    } catch (IOException | AssertionError e) {
      throw new AssertionError(
          "with call %d failing (%s): %s".formatted(nth, faulty, e.getMessage()), e);
    }
  }

  private boolean attempt() throws IOException {
    FormatImage image =
        new FormatImage(
            fixture, fixture.image((long) diskSectorCount * SECTOR_BYTES, Optional.empty()));
    try (BlockNode before = image.open()) {
      before.write(0, filled(3 * unit, (byte) 1));
      model.changed(0, 3 * unit, (byte) 1, true);
      model.flushed();
    }
    try {
      node = image.wrapped(file -> arm(new FaultyNode(file))).open();
    } catch (BlockException e) {
      reopenAndCompare(image);
      return true;
    }
    requests();
    if (closeAfterFault(node) && faulty.failures() == 0) {
      model.flushed();
    }
    reopenAndCompare(image);
    return faulty.failures() > 0;
  }

  private FaultyNode arm(FaultyNode file) {
    faulty = file;
    injection.into(file, nth);
    return file;
  }

  private void requests() throws IOException {
    write(3 * unit - 2, 4, (byte) 2);
    write(5 * unit + 1, unit + unit / 2, (byte) 3);
    flush();
    zero(unit - 1, 2 * unit);
    discard(5 * unit, unit + unit / 4);
    write(unit, unit + 1, (byte) 4);
    flush();
    write(diskSectorCount - 3, 3, (byte) 5);
    zero(0, 1);
    write(5 * unit + 3, 1, (byte) 6);
    if (compareNow()) {
      flush();
    }
  }

  private void write(int sectorIndex, int count, byte value) throws IOException {
    boolean done =
        succeeds(() -> node.write((long) sectorIndex * SECTOR_BYTES, filled(count, value)));
    model.changed(sectorIndex, count, value, done);
  }

  private void zero(int sectorIndex, int count) throws IOException {
    long offset = (long) sectorIndex * SECTOR_BYTES;
    long length = (long) count * SECTOR_BYTES;
    boolean done = succeeds(() -> node.writeZeroes(offset, length, ZeroMode.MAY_UNMAP));
    model.changed(sectorIndex, count, (byte) 0, done);
  }

  private void discard(int sectorIndex, int count) throws IOException {
    long offset = (long) sectorIndex * SECTOR_BYTES;
    long length = (long) count * SECTOR_BYTES;
    boolean done = succeeds(() -> node.discard(offset, length));
    model.discarded(sectorIndex, count);
    if (!done) {
      model.discarded(sectorIndex, count);
    }
  }

  private void flush() throws IOException {
    if (succeeds(() -> node.flush())) {
      model.flushed();
    }
  }

  private boolean compareNow() throws IOException {
    return succeeds(() -> model.assertNow(node));
  }

  private void reopenAndCompare(FormatImage image) throws IOException {
    try (BlockNode again = image.open(true)) {
      model.assertKept(again);
    }
    fixture.checkImage(image.file(), true);
    try (BlockNode again = image.open()) {
      again.write(0, filled(diskSectorCount, (byte) 9));
    }
    try (BlockNode again = image.open(true)) {
      model.changed(0, diskSectorCount, (byte) 9, true);
      model.assertNow(again);
    }
    fixture.checkImage(image.file(), true);
  }

  /** Closes, which may fail but not twice; says whether it did not. */
  static boolean closeAfterFault(BlockNode node) throws IOException {
    boolean closed = succeeds(node::close);
    node.close();
    return closed;
  }

  private static boolean succeeds(Request request) throws IOException {
    try {
      request.send();
      return true;
    } catch (BlockException e) {
      return false; // A clean error; anything else ends the test.
    }
  }

  private static byte[] filled(int sectorCount, byte value) {
    byte[] bytes = new byte[sectorCount * SECTOR_BYTES];
    Arrays.fill(bytes, value);
    return bytes;
  }
}
