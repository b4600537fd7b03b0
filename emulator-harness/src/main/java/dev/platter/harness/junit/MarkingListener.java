package dev.platter.harness.junit;

import dev.platter.harness.blk.AccessListener;
import dev.platter.harness.blk.BlkStatus;
import dev.platter.harness.blk.ErrorAction;
import dev.platter.harness.blk.VirtioBlkRequest;
import java.io.IOException;

/** Passes on what it hears to a log, and marks in the logs of files which requests are done. */
record MarkingListener(RequestLog log, FaultyFiles files) implements AccessListener {
  @Override
  public void completed(int queueIndex, VirtioBlkRequest request, BlkStatus status) {
    log.completed(queueIndex, request, status);
    if (status == BlkStatus.OK) {
      files.mark(request.toString());
    }
  }

  @Override
  public void failed(
      int queueIndex, VirtioBlkRequest request, IOException failure, ErrorAction action) {
    log.failed(queueIndex, request, failure, action);
  }

  @Override
  public void broken(String message) {
    log.broken(message);
  }
}
