package dev.platter.harness.blk;

import dev.platter.harness.memory.GuestMemory;
import dev.platter.harness.memory.RecentSlices;
import dev.platter.harness.virtio.DescriptorChain;
import dev.platter.harness.virtio.VirtqueueException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A place for a request between the available and the used ring; used again and again by one queue.
 *
 * <p>Also the first of a run: requests that came together and lie one behind the other on the disk,
 * which are carried out by one request to it. A run takes no memory of its own.
 *
 * <ul>
 *   <li>I1. A run holds requests to read, or requests to write, of whole sectors, in the order in
 *       which they came, without gaps: so no two of them overlap.
 *   <li>I2. What is offered to an executor is run once, by the first who claims it: the executor,
 *       or whoever offered it if the executor throws. Only what is offered can be claimed, so a
 *       late claim finds nothing, or what another request in this place was offered for.
 *   <li>I3. To take a run apart takes no memory: its requests may have begun, and must end.
 * </ul>
 *
 * <p>Threads: handed from one to the next.
 */
class BlkRequestSlot implements PromptRequest {
  /** What makes slots. */
  interface Maker {
    BlkRequestSlot make(BlkQueue queue, GuestMemory memory, RecentSlices buffers);
  }

  /** The most requests of a run; what QEMU allows too. */
  private static final int MAX_RUN_LENGTH = 32;

  /** The most bytes of a run: more would only keep other threads from working beside this one. */
  private static final long MAX_RUN_BYTES = 256 << 10;

  /** The most buffers of a run: what the host takes at once. */
  private static final int MAX_RUN_SEGMENTS = 1024;

  private final BlkQueue queue;
  private final DescriptorChain chain;
  private final List<MemorySegment> data = new ArrayList<>(1);
  private final DecodedRequest request = new DecodedRequest();
  private final AtomicBoolean offered = new AtomicBoolean();
  private long sequence;
  private boolean failed;

  /** Why the request could not be decoded; null if it was. */
  private OutOfMemoryError refusal;

  /** The next request of the run, or of those that are held; null at the end. */
  private BlkRequestSlot next;

  /** Of the run that begins here. */
  private BlkRequestSlot last = this;

  private int runLength;
  private int runSegments;
  private long runBytes;

  /**
   * @param buffers of the same memory, and of all slots of the queue
   */
  BlkRequestSlot(BlkQueue queue, GuestMemory memory, RecentSlices buffers) {
    this.queue = queue;
    this.chain = new DescriptorChain(memory, buffers);
  }

  /** Decodes the chain that was just popped. The caller holds the queue's lock. */
  void parse(long features, int maxRanges, long sequence) throws VirtqueueException {
    begin(sequence);
    request.decode(chain, features, maxRanges);
    runBytes = request.byteCount();
    switch (request.kind()) {
      case READ, GET_ID -> chain.writableSlices(0, request.byteCount(), data);
      case WRITE -> chain.readableSlices(VirtioBlkRequest.HEADER_BYTES, request.byteCount(), data);
      case FLUSH, DISCARD, WRITE_ZEROES, UNSUPPORTED -> {}
    }
    runSegments = data.size();
  }

  /** Takes the chain that was just popped, and could not be decoded, for a request that fails. */
  void refuse(long sequence, OutOfMemoryError why) {
    begin(sequence);
    request.clear();
    refusal = why;
  }

  private void begin(long sequence) {
    this.sequence = sequence;
    failed = false;
    refusal = null;
    next = null;
    last = this;
    runLength = 1;
    data.clear();
  }

  /**
   * Does nothing if the request was decoded.
   *
   * @throws OutOfMemoryError if there was no memory to decode it
   */
  void requireDecoded() {
    if (refusal != null) {
      throw refusal;
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

  /** Takes another request into the run that begins here, if it belongs to it (I1). */
  boolean join(BlkRequestSlot slot) {
    boolean joins =
        slot.request.follows(last.request)
            && runLength < MAX_RUN_LENGTH
            && runBytes + slot.request.byteCount() <= MAX_RUN_BYTES
            && runSegments + slot.data.size() <= MAX_RUN_SEGMENTS;
    if (joins) {
      last.next = slot;
      last = slot;
      runLength++;
      runBytes += slot.request.byteCount();
      runSegments += slot.data.size();
    }
    return joins;
  }

  /** Puts the request before others that are held; it must be in no run. */
  void holdBefore(BlkRequestSlot others) {
    next = others;
  }

  /** The next request of the same run; null if this is the last, or there is no run. */
  BlkRequestSlot next() {
    return next;
  }

  /** How many requests the run that begins here has; 1 if there is none. */
  int runLength() {
    return runLength;
  }

  /** How many bytes the run that begins here has. */
  long runBytes() {
    return runBytes;
  }

  /** The data of the run that begins here in guest memory, in order. */
  List<MemorySegment> runData() {
    if (next == null) {
      return data;
    }
    List<MemorySegment> all = new ArrayList<>(runSegments);
    for (BlkRequestSlot slot = this; slot != null; slot = slot.next) {
      all.addAll(slot.data);
    }
    return all;
  }

  /**
   * Takes the first request of a run out of it (I3).
   *
   * @return what was {@link #next}
   */
  BlkRequestSlot leave() {
    BlkRequestSlot following = next;
    next = null;
    last = this;
    runLength = 1;
    runSegments = data.size();
    runBytes = request.byteCount();
    return following;
  }

  /** Lets an executor run the request, or the run that begins here. */
  void offer() {
    offered.set(true);
  }

  @Override
  public Outcome runPromptly() {
    if (!offered.compareAndSet(true, false)) {
      return Outcome.DONE;
    }
    Outcome outcome = queue.generation().servePromptly(this);
    if (outcome != Outcome.DONE) { // if it is, this may be another request's place by now
      offer();
    }
    return outcome;
  }

  /** Does nothing unless the request is offered (I2). */
  @Override
  public void run() {
    if (!offered.compareAndSet(true, false)) {
      return;
    }
    if (next == null) {
      queue.generation().serve(this);
    } else {
      queue.generation().serveRun(this);
    }
  }
}
