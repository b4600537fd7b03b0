package dev.platter.harness;

import dev.platter.api.BlockNode;
import dev.platter.api.MarkedLog;
import dev.platter.harness.blk.AccessListener;
import dev.platter.harness.blk.BlkStatus;
import dev.platter.harness.blk.ErrorAction;
import dev.platter.harness.blk.VirtioBlkRequest;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Marks in the logs below a disk which requests of its guest have been acknowledged: {@code op N},
 * where N counts those that succeeded, from 0, in the order in which they ended.
 *
 * <p>A mark is in the log before the guest can know that the request has ended. If it cannot be
 * written, the listener is told so, and the guest is not.
 */
final class OperationMarks implements AccessListener {
  private final List<MarkedLog> logs;
  private final AccessListener listener;
  private final AtomicLong nextNumber = new AtomicLong();

  private OperationMarks(List<MarkedLog> logs, AccessListener listener) {
    this.logs = logs;
    this.listener = listener;
  }

  /**
   * A listener that leaves marks and passes on what it hears.
   *
   * @param nodes those of the disk; if none of them keeps a log, {@code listener} is returned
   */
  static AccessListener before(AccessListener listener, List<BlockNode> nodes) {
    List<MarkedLog> logs =
        nodes.stream().filter(MarkedLog.class::isInstance).map(MarkedLog.class::cast).toList();
    return logs.isEmpty() ? listener : new OperationMarks(logs, listener);
  }

  @Override
  public void completed(int queueIndex, VirtioBlkRequest request, BlkStatus status) {
    if (status == BlkStatus.OK) {
      String text = "op " + nextNumber.getAndIncrement();
      for (MarkedLog log : logs) {
        try {
          log.mark(text);
        } catch (IOException e) {
          listener.failed(queueIndex, request, e, ErrorAction.IGNORE);
        }
      }
    }
    listener.completed(queueIndex, request, status);
  }

  @Override
  public void failed(
      int queueIndex, VirtioBlkRequest request, IOException failure, ErrorAction action) {
    listener.failed(queueIndex, request, failure, action);
  }

  @Override
  public void broken(String message) {
    listener.broken(message);
  }
}
