package dev.platter.tools.img;

import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.tools.text.Sizes;
import java.io.IOException;
import java.util.List;

/**
 * A picture of where a disk lies, as SVG. Above, the disk from its beginning to its end, row by
 * row, in the colour of the layer that holds most of each cell. Below, each piece by its place on
 * the disk and its place in its file: what lies in order is a rising line, what is fragmented is
 * scattered. What is stored compressed is striped; it has no place of its own in the file.
 *
 * <p>The picture's size does not grow with the disk or the number of pieces.
 */
final class MapPicture {
  private static final int COLUMNS = 120;
  private static final int ROWS = 20;
  private static final int CELL = 8;
  private static final int LEFT = 90;
  private static final int WIDTH = COLUMNS * CELL;
  private static final int MAP_TOP = 74;
  private static final int PLOT_TOP = MAP_TOP + ROWS * CELL + 70;
  private static final int PLOT_HEIGHT = 330;
  private static final int LEGEND_TOP = PLOT_TOP + PLOT_HEIGHT + 62;
  private static final int LEGEND_LINE = 22;
  private static final String ZEROS = "#9fb3c8";
  private static final String NOTHING = "#f4f4f4";
  private static final List<String> COLOURS =
      List.of(
          "#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#8c6d1f", "#777777");

  private final List<LayerShare> layers;
  private final BlockNode top;
  private final long diskBytes;

  /**
   * For each cell the bytes of each kind: stored by each layer, stored compressed by each layer,
   * zeros, and nothing.
   */
  private final long[][] cells;

  private long hostBytes = 1;

  private MapPicture(List<LayerShare> layers) {
    this.layers = layers;
    this.top = layers.getFirst().image().node();
    this.diskBytes = Math.max(1, top.size());
    this.cells = new long[COLUMNS * ROWS][2 * layers.size() + 2];
  }

  /**
   * Draws a chain.
   *
   * @param layers from the top down, at least one
   * @return the text of an SVG file
   */
  static String of(List<LayerShare> layers) throws IOException {
    MapPicture picture = new MapPicture(layers);
    picture.measure();
    return picture.draw(picture.fill());
  }

  /** Finds how far into files the pieces lie. */
  private void measure() throws IOException {
    for (long at = 0; at < top.size(); ) {
      Extent extent = top.extent(at, top.size() - at);
      if (extent.hostOffset().isPresent()) {
        hostBytes = Math.max(hostBytes, extent.hostOffset().getAsLong() + extent.length());
      }
      at += extent.length();
    }
  }

  private MapPlot fill() throws IOException {
    MapPlot plot = new MapPlot(WIDTH, PLOT_HEIGHT, diskBytes, hostBytes, layers.size());
    for (long at = 0; at < top.size(); ) {
      Extent extent = top.extent(at, top.size() - at);
      addToCells(extent);
      plot.add(extent);
      at += extent.length();
    }
    return plot;
  }

  private int compressed(int depth) {
    return layers.size() + depth;
  }

  private int zeros() {
    return 2 * layers.size();
  }

  private int nothing() {
    return 2 * layers.size() + 1;
  }

  private int kindOf(Extent extent) {
    int depth = Math.min(extent.depth(), layers.size() - 1);
    if (!extent.present()) {
      return nothing();
    }
    if (extent.zero()) {
      return zeros();
    }
    return extent.compressed() ? compressed(depth) : depth;
  }

  private void addToCells(Extent extent) {
    int kind = kindOf(extent);
    long end = extent.offset() + extent.length();
    int cell = scaled(extent.offset(), diskBytes, cells.length);
    for (long at = extent.offset(); at < end; cell++) {
      long cellEnd = Math.max(at + 1, unscaled(cell + 1, diskBytes, cells.length));
      long stop = Math.min(end, cellEnd);
      cells[Math.min(cell, cells.length - 1)][kind] += stop - at;
      at = stop;
    }
  }

  /** Which of {@code parts} equal parts of {@code whole} a place lies in. */
  private static int scaled(long place, long whole, int parts) {
    return Math.clamp((long) ((double) place / whole * parts), 0, parts - 1);
  }

  private static long unscaled(int part, long whole, int parts) {
    return (long) Math.ceil((double) whole / parts * part);
  }

  private String draw(MapPlot plot) {
    int lines = 2 + layers.size() + (int) layers.stream().filter(MapPicture::packs).count();
    SvgText svg = new SvgText(LEFT + WIDTH + 30, LEGEND_TOP + lines * LEGEND_LINE + 20);
    for (int depth = 0; depth < layers.size(); depth++) {
      if (packs(layers.get(depth))) {
        svg.stripes(stripes(depth), colour(depth));
      }
    }
    svg.text(LEFT, 30, "title", layers.getFirst().image().fileName());
    svg.text(
        LEFT,
        56,
        "note",
        "The disk, %s, row by row; a cell is %s"
            .formatted(
                Sizes.rounded(diskBytes), Sizes.rounded(Math.ceilDiv(diskBytes, cells.length))));
    drawCells(svg);
    drawPlot(svg, plot);
    drawLegend(svg);
    return svg.end();
  }

  private void drawCells(SvgText svg) {
    for (int row = 0; row < ROWS; row += 5) {
      svg.text(
          LEFT - 8,
          MAP_TOP + row * CELL + CELL,
          "scale",
          Sizes.rounded(unscaled(row * COLUMNS, diskBytes, cells.length)));
    }
    for (int cell = 0; cell < cells.length; ) {
      int end = cell + 1;
      int kind = kindOf(cell);
      while (end % COLUMNS != 0 && kindOf(end) == kind) {
        end++;
      }
      int x = LEFT + cell % COLUMNS * CELL;
      svg.rectangle(
          x, MAP_TOP + cell / COLUMNS * CELL, (end - cell) * CELL, CELL - 1, colour(kind));
      cell = end;
    }
  }

  /** What most of a cell is: anything that is held counts more than nothing. */
  private int kindOf(int cell) {
    int most = nothing();
    long bytes = 0;
    for (int kind = 0; kind < nothing(); kind++) {
      if (cells[cell][kind] > bytes) {
        bytes = cells[cell][kind];
        most = kind;
      }
    }
    return most;
  }

  private void drawPlot(SvgText svg, MapPlot plot) {
    int height = PLOT_HEIGHT;
    svg.text(
        LEFT, PLOT_TOP - 14, "note", "Place in the file (up) by place on the disk (to the right)");
    svg.rectangle(LEFT, PLOT_TOP, WIDTH, height, "#f7f7f7");
    for (int quarter = 0; quarter <= 4; quarter++) {
      int y = PLOT_TOP + height - height * quarter / 4;
      int x = LEFT + WIDTH * quarter / 4;
      svg.text(LEFT - 8, y + 4, "scale", Sizes.rounded(unscaled(quarter, hostBytes, 4)));
      svg.text(x, PLOT_TOP + height + 20, "tick", Sizes.rounded(unscaled(quarter, diskBytes, 4)));
      svg.rectangle(LEFT, y, WIDTH, 1, "#dddddd");
    }
    plot.draw(svg, LEFT, PLOT_TOP + height, this::colour);
  }

  private void drawLegend(SvgText svg) {
    int y = LEGEND_TOP;
    for (int depth = 0; depth < layers.size(); depth++) {
      LayerShare layer = layers.get(depth);
      legend(
          svg,
          y,
          colour(depth),
          "%s (%s): shows %s, data in %d %s"
              .formatted(
                  layer.image().fileName(),
                  depth == 0 ? "top" : "depth " + depth,
                  Sizes.rounded(layer.seenBytes()),
                  layer.fragmentCount(),
                  layer.fragmentCount() == 1 ? "piece" : "pieces"));
      y += LEGEND_LINE;
      if (packs(layer)) {
        String words =
            "the same layer, compressed: %s, packed"
                .formatted(Sizes.rounded(layer.compressedBytes()));
        legend(svg, y, colour(compressed(depth)), words);
        y += LEGEND_LINE;
      }
    }
    legend(svg, y, colour(zeros()), "zeros that a layer states, or has space for");
    legend(svg, y + LEGEND_LINE, colour(nothing()), "held by no layer");
  }

  private static void legend(SvgText svg, int y, String colour, String words) {
    svg.rectangle(LEFT, y - 12, 16, 14, colour);
    svg.text(LEFT + 26, y, "note", words);
  }

  private static boolean packs(LayerShare layer) {
    return layer.compressedBytes() > 0;
  }

  private static String stripes(int depth) {
    return "packed" + depth;
  }

  private String colour(int kind) {
    if (kind == nothing()) {
      return NOTHING;
    }
    if (kind == zeros()) {
      return ZEROS;
    }
    return kind >= layers.size()
        ? "url(#" + stripes(kind - layers.size()) + ")"
        : COLOURS.get(Math.min(kind, COLOURS.size() - 1));
  }
}
