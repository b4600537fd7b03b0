package dev.platter.harness.stress;

import dev.platter.harness.blk.AccessListener;
import dev.platter.harness.blk.ErrorAction;
import dev.platter.harness.blk.VirtioBlkRequest;
import dev.platter.harness.stress.StressOperation.Kind;
import java.io.IOException;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The writes that stopped the device, and so were done a second time when it went on.
 *
 * <p>A guest that reads the first part of such a write and then overwrites it, all before it ends,
 * sees it come back: the one place where a disk that waits for space is not a register.
 *
 * <p>Threads: any.
 */
final class RetriedWrites implements AccessListener {
  private final ConcurrentNavigableMap<Long, VirtioBlkRequest> stops =
      new ConcurrentSkipListMap<>();

  @Override
  public void failed(
      int queueIndex, VirtioBlkRequest request, IOException failure, ErrorAction action) {
    if (action == ErrorAction.STOP) {
      long now = System.nanoTime();
      while (stops.putIfAbsent(now, request) != null) {
        now++;
      }
    }
  }

  /** Whether this operation is one of them. */
  boolean contain(StressOperation operation) {
    return operation.kind() == Kind.WRITE
        && stops.subMap(operation.begin(), operation.end()).values().stream()
            .anyMatch(request -> isFor(request, operation));
  }

  private static boolean isFor(VirtioBlkRequest request, StressOperation operation) {
    return request instanceof VirtioBlkRequest.Write(long sector, long byteCount)
        && sector == operation.firstSector()
        && byteCount == (long) operation.sectorCount() * StressQueue.SECTOR_BYTES;
  }
}
