package dev.platter.tools.img;

import dev.platter.tools.text.Sizes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/**
 * A chain as a tree: for each layer what it is, what it holds of the disk, and how much of that
 * shows at the top.
 *
 * @param layers from the top down, at least one
 */
record ChainTree(List<LayerShare> layers) {

  /** Lines for people. */
  String text() {
    StringBuilder text = new StringBuilder();
    for (int depth = 0; depth < layers.size(); depth++) {
      LayerShare layer = layers.get(depth);
      String indent = "   ".repeat(Math.max(0, depth - 1));
      String branch = depth == 0 ? "" : indent + "└─ ";
      boolean last = depth == layers.size() - 1;
      String below = (depth == 0 ? "" : indent + "   ") + (last ? "   " : "│  ");
      text.append(branch).append(title(layer)).append('\n');
      text.append(below).append("holds ").append(held(layer)).append('\n');
      text.append(below).append("shows ").append(shown(layer)).append('\n');
    }
    long unheld = diskBytes() - layers.stream().mapToLong(LayerShare::seenBytes).sum();
    text.append("no layer holds ").append(share(unheld)).append(", which reads as zeros\n");
    return text.toString();
  }

  /** The same as JSON. */
  List<Map<String, Object>> members() {
    List<Map<String, Object>> all = new ArrayList<>();
    for (LayerShare layer : layers) {
      Map<String, Object> members = new LinkedHashMap<>();
      members.put("filename", layer.image().fileName());
      members.put("format", layer.image().driverName());
      members.put("virtual-size", layer.image().node().size());
      layer.allocatedBytes().ifPresent(bytes -> members.put("actual-size", bytes));
      members.put("data", layer.dataBytes());
      members.put("compressed", layer.compressedBytes());
      members.put("reserved", layer.reservedBytes());
      members.put("zero", layer.zeroBytes());
      members.put("visible", layer.seenBytes());
      members.put("hidden", layer.hiddenBytes());
      members.put("fragments", layer.fragmentCount());
      all.add(members);
    }
    return all;
  }

  private long diskBytes() {
    return layers.getFirst().image().node().size();
  }

  private static String title(LayerShare layer) {
    StringBuilder title = new StringBuilder();
    title.append(layer.image().fileName()).append(": ").append(layer.image().driverName());
    title.append(", a disk of ").append(Sizes.rounded(layer.image().node().size()));
    layer
        .allocatedBytes()
        .ifPresent(bytes -> title.append(", ").append(Sizes.rounded(bytes)).append(" on the host"));
    return title.toString();
  }

  private static String held(LayerShare layer) {
    StringJoiner parts = new StringJoiner(", ");
    parts.add("data " + Sizes.rounded(layer.dataBytes()));
    if (layer.compressedBytes() > 0) {
      parts.add("compressed " + Sizes.rounded(layer.compressedBytes()));
    }
    if (layer.reservedBytes() > 0) {
      parts.add("reserved " + Sizes.rounded(layer.reservedBytes()));
    }
    parts.add("zeros " + Sizes.rounded(layer.zeroBytes()));
    long fragments = layer.fragmentCount();
    return parts + ", in " + fragments + (fragments == 1 ? " piece" : " pieces");
  }

  private String shown(LayerShare layer) {
    return share(layer.seenBytes())
        + (layer.hiddenBytes() > 0
            ? "; layers above hide " + Sizes.rounded(layer.hiddenBytes())
            : "");
  }

  private String share(long bytes) {
    double percent = diskBytes() == 0 ? 0 : 100.0 * bytes / diskBytes();
    return String.format(Locale.ROOT, "%s (%.1f%% of the disk)", Sizes.rounded(bytes), percent);
  }
}
