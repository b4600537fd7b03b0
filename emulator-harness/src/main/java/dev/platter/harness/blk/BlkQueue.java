package dev.platter.harness.blk;

import dev.platter.harness.memory.GuestMemory;
import dev.platter.harness.memory.GuestMemoryException;
import dev.platter.harness.memory.RecentSlices;
import dev.platter.harness.virtio.QueueLayout;
import dev.platter.harness.virtio.Virtqueue;
import dev.platter.harness.virtio.VirtqueueException;
import java.util.ArrayDeque;

/**
 * One request queue of one {@link Generation}. A reset ends it, and a queue that the guest then
 * sets up is another object.
 *
 * <ul>
 *   <li>I1. Once {@link #detach} has returned, nothing of this generation touches guest memory:
 *       what had begun has ended, what had not begins no more, and completions are dropped.
 *   <li>I2. A request touches guest memory only under this lock while the queue is live, or between
 *       {@link #begin} and the call that ends it.
 *   <li>I3. The calls that end a request take no memory, and end it whatever they throw: a request
 *       that does not end keeps {@link #detach} waiting for ever.
 *   <li>I4. There is one slot at least. Where no memory is left for another, the next request waits
 *       in the ring until a slot comes back.
 * </ul>
 *
 * <p>Threads: any; the lock is this object's monitor and is never held during data I/O, nor while
 * anything outside of the ring is called.
 */
final class BlkQueue {
  /** For how many times the requests that there can be at once buffers are remembered. */
  private static final int REMEMBERED_TIMES = 8;

  private final Generation generation;
  private final int index;
  private final GuestMemory memory;
  private final RecentSlices buffers;
  private final Virtqueue ring;
  private final long features;
  private final int maxRanges;
  private final int maxFreeSlots;
  private final ArrayDeque<BlkRequestSlot> freeSlots;
  private final BlkRequestSlot.Maker slotMaker;

  /** Whether there was no memory for a slot when one was last asked for. */
  private boolean slotMissing;

  /** Whether a request waits in the ring for a slot to come back. */
  private volatile boolean waitingForSlot;

  private boolean live = true;
  private int begun;

  /** How many popped requests have neither been completed nor held. */
  private int unsettled;

  private long nextSequence;

  BlkQueue(Generation generation, int index, GuestMemory memory, QueueLayout layout, long features)
      throws VirtqueueException {
    this.generation = generation;
    this.index = index;
    this.memory = memory;
    this.ring = new Virtqueue(memory, layout, features);
    this.buffers = new RecentSlices(memory, REMEMBERED_TIMES * layout.size());
    this.features = features;
    this.maxRanges = generation.maxRanges();
    this.maxFreeSlots = layout.size() + 1; // of what is in the ring, and one to be filled
    this.freeSlots = new ArrayDeque<>(maxFreeSlots); // I3
    this.slotMaker = generation.slotMaker();
    freeSlots.addLast(newSlot()); // I4
  }

  Generation generation() {
    return generation;
  }

  int index() {
    return index;
  }

  /**
   * A slot for {@link #pop}.
   *
   * @throws OutOfMemoryError if there is none and no memory for one; nothing is lost
   */
  synchronized BlkRequestSlot freeSlot() {
    slotMissing = freeSlots.isEmpty();
    BlkRequestSlot slot = slotMissing ? newSlot() : freeSlots.removeLast();
    slotMissing = false;
    return slot;
  }

  private BlkRequestSlot newSlot() {
    return slotMaker.make(this, memory, buffers);
  }

  /** Gives back a slot that {@link #pop} did not fill. */
  synchronized void release(BlkRequestSlot slot) {
    keep(slot);
  }

  private void keep(BlkRequestSlot slot) {
    if (freeSlots.size() < maxFreeSlots) {
      freeSlots.addLast(slot);
    }
  }

  /** Whether the queue is to be served because there is a slot again for what waits (I4). */
  boolean slotCameBack() {
    if (!waitingForSlot) { // the usual case takes no lock
      return false;
    }
    synchronized (this) {
      boolean cameBack = waitingForSlot && !freeSlots.isEmpty();
      waitingForSlot &= !cameBack;
      return cameBack;
    }
  }

  /**
   * Takes the next request, decoded; false if there is none, or none may be taken now. A request
   * that there is no memory to decode is taken too, to be failed.
   */
  synchronized boolean pop(BlkRequestSlot into) throws VirtqueueException {
    if (!live || generation.paused() || !ring.pop(into.chain())) {
      return false;
    }
    unsettled++;
    long sequence = nextSequence++;
    try {
      into.parse(features, maxRanges, sequence);
    } catch (OutOfMemoryError e) {
      if (into.chain().writableCount() == 0) { // nowhere to put a status byte
        throw e;
      }
      into.refuse(sequence, e);
    }
    return true;
  }

  synchronized void disableNotifications() {
    if (live) {
      ring.disableNotifications();
    }
  }

  /**
   * Whether there is something to pop although no notification may come. What waits for a slot is
   * not: {@link #slotCameBack} says when it is to be popped.
   */
  synchronized boolean enableNotifications() {
    waitingForSlot = slotMissing && freeSlots.isEmpty();
    return live && !waitingForSlot && ring.enableNotifications();
  }

  /** Announces that a request's data is about to be accessed; false if it must not be. */
  boolean begin() {
    return begin(1);
  }

  /** {@link #begin()} of so many requests: of all, or of none. */
  synchronized boolean begin(int requestCount) {
    if (live) {
      begun += requestCount;
    }
    return live;
  }

  /** Ends requests that had begun and were not carried out: they are to begin again. */
  synchronized void retract(int requestCount) {
    begun -= requestCount - 1;
    ended();
  }

  /** Ends a request that had begun without completing it: it is held. */
  synchronized void suspend() {
    ended();
    unsettled--;
  }

  /** A popped request is held before it has begun. */
  synchronized void settle() {
    unsettled--;
  }

  /** A request that was held is on its way again. */
  synchronized void unsettle() {
    unsettled++;
  }

  /** Whether every popped request has been completed or is held. */
  synchronized boolean settled() {
    return unsettled == 0;
  }

  /**
   * Completes a request that had begun.
   *
   * @param dataBytes how much of the device-writable data area was written, from its front
   * @return whether the driver wants an interrupt
   */
  synchronized boolean complete(BlkRequestSlot slot, BlkStatus status, long dataBytes) {
    try {
      return live && answer(slot, status, dataBytes);
    } finally { // I3, I4
      if (live) {
        keep(slot);
      }
      ended();
      unsettled--;
    }
  }

  private boolean answer(BlkRequestSlot slot, BlkStatus status, long dataBytes) {
    long areaBytes = slot.chain().writableBytes() - 1;
    long written = dataBytes == areaBytes ? dataBytes + 1 : dataBytes;
    try {
      memory.writeByte(slot.chain().lastWritableAddress(), status.code());
    } catch (GuestMemoryException e) {
      throw new IllegalStateException(e); // the chain was validated
    }
    ring.push(slot.chain().headIndex(), (int) written);
    return ring.interruptWanted();
  }

  /** Begins nothing more and drops what completes, without waiting; false if that was so. */
  synchronized boolean stop() {
    boolean was = live;
    live = false;
    return was;
  }

  /** Ends the queue: returns when nothing of it touches guest memory any more. */
  synchronized void detach() {
    live = false;
    boolean interrupted = false;
    while (begun > 0) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true; // guest memory may be freed after this: there is no way around waiting
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void ended() {
    begun--;
    if (begun == 0) {
      notifyAll();
    }
  }
}
