package dev.platter.harness.blk;

import dev.platter.harness.memory.GuestMemory;
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
  private VirtioBlkRequest request = new VirtioBlkRequest.Flush();
  private long sequence;
  private boolean failed;

  BlkRequestSlot(BlkQueue queue, GuestMemory memory) {
    this.queue = queue;
    this.chain = new DescriptorChain(memory);
  }

  /** Decodes the chain that was just popped. */
  void parse(long features, int maxRanges, long sequence) throws VirtqueueException {
    this.sequence = sequence;
    failed = false;
    request = VirtioBlkRequest.parse(chain, features, maxRanges);
    data.clear();
    switch (request) {
      case VirtioBlkRequest.Read read -> chain.writableSlices(0, read.byteCount(), data);
      case VirtioBlkRequest.GetId getId -> chain.writableSlices(0, getId.byteCount(), data);
      case VirtioBlkRequest.Write write ->
          chain.readableSlices(VirtioBlkRequest.HEADER_BYTES, write.byteCount(), data);
      case VirtioBlkRequest.Flush _,
          VirtioBlkRequest.Discard _,
          VirtioBlkRequest.WriteZeroes _,
          VirtioBlkRequest.Unsupported _ -> {}
    }
  }

  BlkQueue queue() {
    return queue;
  }

  DescriptorChain chain() {
    return chain;
  }

  VirtioBlkRequest request() {
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
