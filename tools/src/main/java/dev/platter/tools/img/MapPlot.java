package dev.platter.tools.img;

import dev.platter.api.Extent;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * The lower part of a picture of a map: what is stored, by its place on the disk (to the right) and
 * its place in its file (up). What follows its predecessor in both is one run, drawn as one line; a
 * run that is too short for a line is a dot.
 *
 * <p>A run that is drawn as a line takes a column of the plot or a row, so there are only so many
 * of a layer, and more only where an image says twice what lies in one place; dots of the same
 * place are one.
 */
final class MapPlot {
  private static final int DOT = 3;

  private final int width;
  private final int height;
  private final long diskBytes;
  private final long hostBytes;
  private final List<List<Extent>> lines = new ArrayList<>();
  private final List<BitSet> dots = new ArrayList<>();
  private Optional<Extent> run = Optional.empty();

  /**
   * @param width in pixels, a multiple of 3; so is {@code height}
   * @param hostBytes how far into the layers' files the disk reaches
   */
  MapPlot(int width, int height, long diskBytes, long hostBytes, int layerCount) {
    this.width = width;
    this.height = height;
    this.diskBytes = diskBytes;
    this.hostBytes = hostBytes;
    for (int depth = 0; depth < layerCount; depth++) {
      lines.add(new ArrayList<>());
      dots.add(new BitSet());
    }
  }

  /** Adds an extent, in the disk's order. One whose place is not known ends the run before it. */
  void add(Extent extent) {
    if (run.isPresent() && follows(run.get(), extent)) {
      run = Optional.of(run.get().at(run.get().offset(), run.get().length() + extent.length()));
      return;
    }
    end();
    run = extent.hostOffset().isPresent() ? Optional.of(extent) : Optional.empty();
  }

  private static boolean follows(Extent before, Extent next) {
    return next.hostOffset().isPresent()
        && next.depth() == before.depth()
        && next.hostName().equals(before.hostName())
        && next.offset() == before.offset() + before.length()
        && next.hostOffset().getAsLong() == before.hostOffset().getAsLong() + before.length();
  }

  /** Ends the last run. */
  private void end() {
    if (run.isEmpty() || run.get().depth() >= lines.size()) {
      return;
    }
    Extent whole = run.get();
    List<Extent> drawn = lines.get(whole.depth());
    boolean longEnough = x(whole.length()) >= DOT || y(whole.length()) >= DOT;
    if (longEnough && drawn.size() < (width + height) / DOT) {
      drawn.add(whole);
    } else {
      int column = Math.min((int) x(whole.offset()) / DOT, width / DOT - 1);
      int row = Math.min((int) y(whole.hostOffset().getAsLong()) / DOT, height / DOT - 1);
      dots.get(whole.depth()).set(row * (width / DOT) + column);
    }
  }

  private double x(long guest) {
    return (double) guest / diskBytes * width;
  }

  private double y(long host) {
    return (double) host / hostBytes * height;
  }

  /**
   * Draws all that was added; the top layer above those below it.
   *
   * @param left where the plot begins, in pixels
   * @param bottom where it ends
   * @param colours those of the layers
   */
  void draw(SvgText svg, int left, int bottom, IntFunction<String> colours) {
    end();
    run = Optional.empty();
    for (int depth = lines.size() - 1; depth >= 0; depth--) {
      String colour = colours.apply(depth);
      drawDots(svg, left, bottom, dots.get(depth), colour);
      for (Extent line : lines.get(depth)) {
        long host = line.hostOffset().getAsLong();
        svg.line(
            left + x(line.offset()),
            bottom - y(host),
            left + x(line.offset() + line.length()),
            bottom - y(host + line.length()),
            DOT,
            colour);
      }
    }
  }

  private void drawDots(SvgText svg, int left, int bottom, BitSet dots, String colour) {
    int columns = width / DOT;
    for (int dot = dots.nextSetBit(0); dot >= 0; ) {
      int rowEnd = (dot / columns + 1) * columns;
      int end = Math.min(rowEnd, dots.nextClearBit(dot));
      svg.rectangle(
          left + dot % columns * DOT,
          bottom - (dot / columns + 1) * DOT,
          (end - dot) * DOT,
          DOT,
          colour);
      dot = dots.nextSetBit(end);
    }
  }
}
