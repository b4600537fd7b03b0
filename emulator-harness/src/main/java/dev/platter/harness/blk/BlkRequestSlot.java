package dev.platter.harness.blk;

import dev.platter.harness.memory.GuestMemory;
import dev.platter.harness.memory.RecentSlices;
import dev.platter.harness.virtio.DescriptorChain;
import dev.platter.harness.virtio.VirtqueueException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A place for a request between the available and the used ring; used again and again by one queue.
 *
 * <p>Threads: handed from one to the next.
 */
final class BlkRequestSlot implements Runnable {
  private final BlkQueue queue;
  private final DescriptorChain chain;
  private final List<MemorySegment> data = new ArrayList<>(1);
  private final DecodedRequest request = new DecodedRequest();
  private long sequence;
  private boolean failed;

  /**
   * @param buffers of the same memory, and of all slots of the queue
   */
  BlkRequestSlot(BlkQueue queue, GuestMemory memory, RecentSlices buffers) {
    this.queue = queue;
    this.chain = new DescriptorChain(memory, buffers);
  }

  /** Decodes the chain that was just popped. The caller holds the queue's lock. */
  void parse(long features, int maxRanges, long sequence) throws VirtqueueException {
    this.sequence = sequence;
    failed = false;
    request.decode(chain, features, maxRanges);
    data.clear();
    switch (request.kind()) {
      case READ, GET_ID -> chain.writableSlices(0, request.byteCount(), data);
      case WRITE -> chain.readableSlices(VirtioBlkRequest.HEADER_BYTES, request.byteCount(), data);
      case FLUSH, DISCARD, WRITE_ZEROES, UNSUPPORTED -> {}
    }
  }

  BlkQueue queue() {
    return queue;
  }

  DescriptorChain chain() {
    return chain;
  }

  DecodedRequest request() {
    return request;
  }

  /** The request's data in guest memory, in order. */
  List<MemorySegment> data() {
    return data;
  }

  /** The request's place in the order in which its queue's requests were made available. */
  long sequence() {
    return sequence;
  }

  /** Whether the request has been tried, and is to be tried again. */
  boolean failed() {
    return failed;
  }

  void setFailed() {
    failed = true;
  }

  @Override
  public void run() {
    queue.generation().serve(this);
  }
}
