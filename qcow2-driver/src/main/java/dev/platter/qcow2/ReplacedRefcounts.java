package dev.platter.qcow2;

import java.io.IOException;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The clusters of a refcount table, and of the blocks that it names, which a rebuild leaves unused:
 * eight bytes for each time that one is named, whatever the table says.
 *
 * <p>Threads: one.
 */
final class ReplacedRefcounts {
  /** The first {@link #count}: ascending, each as often as it is named. */
  private final long[] clusters;

  private final int count;

  /**
   * @param table where the refcount table lies
   * @param stored what it holds
   * @param endCluster what is named from there on is not in the file, and is left out
   */
  ReplacedRefcounts(
      TableLocation table, StoredRefcounts stored, ClusterGeometry geometry, long endCluster) {
    long[] found = new long[Math.addExact(table.count(), stored.tableEntryCount())];
    int named = 0;
    long tableCluster = geometry.clusterIndex(table.offset());
    long tableEnd = Math.min(tableCluster + table.count(), endCluster);
    while (tableCluster < tableEnd) {
      found[named++] = tableCluster++;
    }
    for (int i = 0; i < stored.tableEntryCount(); i++) {
      long entry = stored.tableEntry(i);
      long offset = entry & StoredRefcounts.OFFSET_MASK;
      long cluster = geometry.clusterIndex(offset);
      if (entry == offset && offset != 0 && geometry.aligned(offset) && cluster < endCluster) {
        found[named++] = cluster;
      }
    }
    Arrays.sort(found, 0, named);
    this.clusters = found;
    this.count = named;
  }

  /**
   * Says of each cluster how many references it has lost, and how many it has.
   *
   * @param now the refcounts that have taken their place
   */
  void report(StoredRefcounts now, Consumer<String> findings) throws IOException {
    int next = 0;
    while (next < count) {
      int first = next;
      long cluster = clusters[first];
      while (next < count && clusters[next] == cluster) {
        next++;
      }
      long references = now.get(cluster);
      findings.accept(
          "Repairing cluster %d refcount=%s reference=%s"
              .formatted(
                  cluster,
                  Long.toUnsignedString(references + next - first),
                  Long.toUnsignedString(references)));
    }
  }
}
