package dev.platter.qcow2;

import java.util.concurrent.ArrayBlockingQueue;

/**
 * Codecs of one kind, each lent to one thread at a time. Those that are not wanted any more are
 * kept, a few of them.
 *
 * <p>Threads: any number.
 */
final class CodecPool implements AutoCloseable {
  private static final int KEPT = 16;

  private final int compressionType;
  private final ArrayBlockingQueue<ClusterCodec> kept = new ArrayBlockingQueue<>(KEPT);

  CodecPool(int compressionType) {
    this.compressionType = compressionType;
  }

  /** Lends a codec; to be given back. */
  ClusterCodec take() {
    ClusterCodec codec = kept.poll();
    return codec == null ? ClusterCodec.of(compressionType) : codec;
  }

  /** Takes a codec back. */
  void give(ClusterCodec codec) {
    if (!kept.offer(codec)) {
      codec.close();
    }
  }

  @Override
  public void close() {
    for (ClusterCodec codec = kept.poll(); codec != null; codec = kept.poll()) {
      codec.close();
    }
  }
}
