package dev.platter.harness.junit;

import dev.platter.harness.blk.AccessListener;
import dev.platter.harness.blk.BlkStatus;
import dev.platter.harness.blk.ErrorAction;
import dev.platter.harness.blk.VirtioBlkRequest;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;

/** The last requests of a test's guests, in the order in which they completed. Threads: any. */
public final class RequestLog implements AccessListener {
  private static final int MAX_LINES = 256;

  private final ArrayDeque<String> lines = new ArrayDeque<>();
  private long dropped;

  @Override
  public void completed(int queueIndex, VirtioBlkRequest request, BlkStatus status) {
    add("queue %d: %s -> %s".formatted(queueIndex, request, status));
  }

  @Override
  public void failed(
      int queueIndex, VirtioBlkRequest request, IOException failure, ErrorAction action) {
    add("queue %d: %s failed (%s): %s".formatted(queueIndex, request, action, failure));
  }

  @Override
  public void broken(String message) {
    add("device broken: " + message);
  }

  private synchronized void add(String line) {
    if (lines.size() == MAX_LINES) {
      lines.removeFirst();
      dropped++;
    }
    lines.addLast(line);
  }

  /** The lines, oldest first; a copy. */
  public synchronized List<String> lines() {
    return List.copyOf(lines);
  }

  /** How many older lines were dropped. */
  public synchronized long dropped() {
    return dropped;
  }
}
