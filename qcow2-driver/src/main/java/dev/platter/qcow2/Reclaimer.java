package dev.platter.qcow2;

import dev.platter.api.driver.BlockEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Frees the clusters that have served their time in {@link Quarantine}: punches those that are to
 * be out of the file, then lowers the refcounts.
 *
 * <p>Threads: any number; one frees at a time, the others leave it to that one.
 */
final class Reclaimer {
  /** How many clusters are freed under one hold of the metadata lock. */
  private static final int STRIDE = 4096;

  private final String nodeName;
  private final Consumer<BlockEvent> events;
  private final ImageFile file;
  private final ClusterGeometry geometry;
  private final Qcow2Settings settings;
  private final ReentrantLock metadataLock;
  private final Quarantine quarantine;
  private final Refcounts refcounts;
  private final OverlapCheck overlaps;
  private final ClusterAllocator allocator;
  private final CompressedClusters compressedClusters;
  private final ReentrantLock running = new ReentrantLock();

  Reclaimer(
      String nodeName,
      Consumer<BlockEvent> events,
      ImageFile file,
      ClusterGeometry geometry,
      Qcow2Settings settings,
      ReentrantLock metadataLock,
      Quarantine quarantine,
      Refcounts refcounts,
      OverlapCheck overlaps,
      ClusterAllocator allocator,
      CompressedClusters compressedClusters) {
    this.nodeName = nodeName;
    this.events = events;
    this.file = file;
    this.geometry = geometry;
    this.settings = settings;
    this.metadataLock = metadataLock;
    this.quarantine = quarantine;
    this.refcounts = refcounts;
    this.overlaps = overlaps;
    this.allocator = allocator;
    this.compressedClusters = compressedClusters;
  }

  /**
   * Frees what may be freed.
   *
   * @param closing whether nobody can be using the image any more: then all that is durable goes
   * @return whether something was freed
   */
  boolean run(boolean closing) {
    if (!quarantine.waiting() || !running.tryLock()) {
      return false;
    }
    try {
      boolean freed = false;
      for (List<Quarantine.Run> runs = take(closing); !runs.isEmpty(); runs = take(closing)) {
        compressedClusters.forget();
        for (Quarantine.Run run : runs) {
          free(run);
        }
        freed = true;
      }
      return freed;
    } finally {
      running.unlock();
    }
  }

  private List<Quarantine.Run> take(boolean closing) {
    metadataLock.lock();
    try {
      return quarantine.takeReady(closing);
    } finally {
      metadataLock.unlock();
    }
  }

  private void free(Quarantine.Run run) {
    long end = run.firstCluster() + run.clusterCount();
    try {
      for (long first = run.firstCluster(); first < end; first += STRIDE) {
        long last = Math.min(first + STRIDE, end);
        if (punched(run.cause())) {
          punch(first, last);
        }
        lower(first, last);
      }
    } catch (IOException e) {
      events.accept(
          new BlockEvent.Warning(
              nodeName,
              "up to %d clusters at offset %#x are no longer used and could not be freed: %s"
                  .formatted(
                      run.clusterCount(),
                      geometry.clusterOffset(run.firstCluster()),
                      e.getMessage())));
    }
  }

  private boolean punched(Quarantine.Cause cause) {
    return switch (cause) {
      case REQUEST -> settings.passDiscardRequest();
      case OTHER -> settings.passDiscardOther();
    };
  }

  /** Punches clusters that only the pointer that is gone has referred to. */
  private void punch(long first, long last) throws IOException {
    List<Long> sole = new ArrayList<>();
    metadataLock.lock();
    try {
      for (long cluster = first; cluster < last; cluster++) {
        if (refcounts.get(cluster) == 1 && overlaps.clear(cluster, 1)) {
          sole.add(cluster);
        }
      }
    } finally {
      metadataLock.unlock();
    }
    int from = 0;
    for (int to = 1; to <= sole.size(); to++) {
      if (to == sole.size() || sole.get(to) != sole.get(to - 1) + 1) {
        discard(sole.get(from), sole.get(to - 1) + 1);
        from = to;
      }
    }
  }

  private void discard(long first, long last) {
    long offset = geometry.clusterOffset(first);
    long end = Math.min(geometry.clusterOffset(last), file.node().size());
    try {
      if (offset < end) {
        file.node().discard(offset, end - offset);
      }
    } catch (IOException e) {
      // The host keeps the space; the clusters are free all the same, and will be used again.
      return;
    }
  }

  private void lower(long first, long last) throws IOException {
    metadataLock.lock();
    try {
      for (long cluster = first; cluster < last; cluster++) {
        allocator.free(cluster);
      }
    } finally {
      metadataLock.unlock();
    }
  }
}
