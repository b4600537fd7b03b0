package dev.platter.qcow2;

import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;

/** What an image's tables say, snapshots' included: no repair may change it. */
final class ImageMapping {
  private ImageMapping() {}

  /** Whether the image has this mapping still; entries that were overlong may have joined it. */
  static boolean keeps(MemoryNode node, List<Long> mapping) {
    List<Long> now = of(node);
    return now.size() >= mapping.size() && now.subList(0, mapping.size()).equals(mapping);
  }

  /** The entries of all tables without what a repair may change: the COPIED flags. */
  static List<Long> of(MemoryNode node) {
    ImageFile file = new ImageFile(node);
    Qcow2Header header;
    try {
      header = HeaderCodec.decodeToCheck(node.name(), file);
    } catch (IOException e) {
      return List.of(); // the damage met the header
    }
    List<Long> entries = new ArrayList<>();
    try {
      addMapping(file, header.l1Table(), header.geometry(), entries);
      for (InternalSnapshot snapshot : readableSnapshots(file, header)) {
        TableLocation l1 = snapshot.l1Table();
        entries.addAll(List.of(l1.offset(), (long) l1.count()));
        if (l1.offset() > 0 && l1.count() >= 0 && l1.count() < 1 << 16) {
          addMapping(file, l1, header.geometry(), entries);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return entries;
  }

  /** The snapshots up to the first whose place is not certain. */
  private static List<InternalSnapshot> readableSnapshots(ImageFile file, Qcow2Header header)
      throws IOException {
    SnapshotReader reader = new SnapshotReader(file, header.snapshotTable().offset());
    List<InternalSnapshot> snapshots = new ArrayList<>();
    for (int i = 0; i < header.snapshotTable().count(); i++) {
      InternalSnapshot snapshot = reader.next().snapshot();
      if (snapshot.overlong()) {
        break;
      }
      snapshots.add(snapshot);
    }
    return snapshots;
  }

  private static void addMapping(
      ImageFile file, TableLocation location, ClusterGeometry geometry, List<Long> entries)
      throws IOException {
    LongBuffer l1 = file.read(location.offset(), 8 * location.count()).asLongBuffer();
    while (l1.hasRemaining()) {
      long l2Offset = L1Entry.tableOffset(l1.get());
      entries.add(l2Offset);
      if (l2Offset != 0) {
        LongBuffer l2 = file.read(l2Offset, geometry.clusterBytes()).asLongBuffer();
        while (l2.hasRemaining()) {
          if (geometry.extendedL2()) {
            addExtended(l2.get(), l2.get(), geometry, entries);
          } else {
            entries.add(withoutFlag(l2.get(), geometry));
          }
        }
      }
    }
  }

  /**
   * Space in reserve at an offset that cannot be is given up, as a repair does; its bitmap stays.
   */
  private static void addExtended(
      long entry, long bitmap, ClusterGeometry geometry, List<Long> entries) {
    boolean givenUp =
        !Subclusters.compressed(entry)
            && Subclusters.allocated(bitmap) == 0
            && !geometry.aligned(L2Entry.clusterOffset(entry));
    entries.add(givenUp ? 0 : entry & ~L2Entry.COPIED);
    entries.add(bitmap);
  }

  private static long withoutFlag(long entry, ClusterGeometry geometry) {
    boolean givenUp =
        L2Entry.kind(entry) == L2Entry.Kind.ZERO_ALLOCATED
            && !geometry.aligned(L2Entry.clusterOffset(entry));
    return givenUp ? L2Entry.ZERO : entry & ~L2Entry.COPIED;
  }
}
