package dev.platter.harness.blk;

import dev.platter.harness.memory.GuestMemory;
import dev.platter.harness.virtio.QueueLayout;
import dev.platter.harness.virtio.VirtqueueException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * What a device does between DRIVER_OK and the next reset: the queues that the guest set up, and
 * the requests in them. What follows a reset is another generation.
 *
 * <ul>
 *   <li>I1. When {@link #end} returns, no request of the generation touches guest memory any more
 *       ({@link BlkQueue} I1).
 *   <li>I2. While stopped, no request begins: those popped already are held. Resuming waits until
 *       every popped request is settled, completed or held; then it submits those held, by queue,
 *       in the order in which the guest made them available, before any other is popped.
 *   <li>I3. Every popped request is completed once, held, or dropped by {@link #end} or {@link
 *       #breakDown}.
 *   <li>I4. No lock is held during data I/O, nor while a listener or the interrupt line is called.
 *   <li>I5. No write is done twice but by {@link HeldRequests}: where a run of writes has failed,
 *       all of them have, since any may be on the disk, and others may have come after it.
 *   <li>I6. What is thrown out of a request, as by a driver's mistake or for want of memory, fails
 *       that request or its run. It keeps no other from being served, nor notifications off; the
 *       first of it is thrown on when all are. A request for which there is no slot waits ({@link
 *       BlkQueue} I4).
 *   <li>I7. What the executor throws costs no request either: one that it has not run runs where it
 *       was brought ({@link BlkRequestSlot} I2).
 *   <li>I8. Between {@link BlkQueue#begin} and the end of a request nothing takes memory but what
 *       is caught: a reset would wait for ever.
 * </ul>
 *
 * <p>Threads: any.
 */
final class Generation {
  /** What a device lends to all of its generations. */
  record Parts(
      RequestHandler handler,
      BlkOptions options,
      RequestExecutor executor,
      AccessListener listener,
      InterruptLine interrupts,
      BlkRequestSlot.Maker slotMaker) {}

  /** All of a request's data. */
  private static final long ALL = Long.MAX_VALUE;

  private static final Optional<String> CHAIN_LOST = Optional.of("a descriptor chain was lost");

  private final Parts parts;
  private final GuardedListener listener;
  private final GuardedLine interrupts;
  private final BlkQueue[] queues;
  private final HeldRequests held = new HeldRequests();
  private final BooleanSupplier askWriteThrough = this::writeThrough; // one for all requests
  private final BooleanSupplier askSettled = this::settled;
  private volatile boolean writeThrough;
  private volatile boolean broken;

  /**
   * A generation that serves nothing yet.
   *
   * @param layouts where each queue lies; null for those that the guest did not set up
   * @param features what was negotiated
   */
  Generation(Parts parts, GuestMemory memory, QueueLayout[] layouts, long features)
      throws VirtqueueException {
    this.parts = parts;
    this.listener = new GuardedListener(parts.listener());
    this.interrupts = new GuardedLine(parts.interrupts());
    this.queues = new BlkQueue[layouts.length];
    for (int i = 0; i < layouts.length; i++) {
      if (layouts[i] != null) {
        requireOffered(layouts[i]);
        queues[i] = new BlkQueue(this, i, memory, layouts[i], features);
      }
    }
  }

  /** A generation without queues: that of a device which is not running. */
  static Generation none(Parts parts) {
    try {
      return new Generation(parts, VirtioBlkDevice.NO_MEMORY, new QueueLayout[0], 0);
    } catch (VirtqueueException e) {
      throw new IllegalStateException(e); // there is no queue to be wrong
    }
  }

  private void requireOffered(QueueLayout layout) throws VirtqueueException {
    if (layout.size() > parts.options().queueSize()) {
      throw new VirtqueueException(
          "Invalid queue size: %d (at most %d)"
              .formatted(layout.size(), parts.options().queueSize()));
    }
  }

  /** The most ranges of a request. */
  int maxRanges() {
    return parts.options().maxDiscardSegments();
  }

  /** What makes the queues' slots. */
  BlkRequestSlot.Maker slotMaker() {
    return parts.slotMaker();
  }

  /** Whether writes must be durable when they complete; holds for those under way too. */
  void setWriteThrough(boolean writeThrough) {
    this.writeThrough = writeThrough;
  }

  private boolean writeThrough() {
    return writeThrough;
  }

  /** Serves what has been made available in all queues. */
  void serveAll() {
    Thrown thrown = Thrown.NOTHING;
    for (int i = 0; i < queues.length; i++) {
      try {
        serveQueue(i);
      } catch (RuntimeException | Error e) {
        thrown = thrown.and(Thrown.of(e));
      }
    }
    thrown.rethrow();
  }

  /** Serves the requests of a queue until there are none; a queue that is not there has none. */
  void serveQueue(int queueIndex) {
    if (queueIndex < 0 || queueIndex >= queues.length || queues[queueIndex] == null) {
      return;
    }
    BlkQueue queue = queues[queueIndex];
    Thrown thrown = Thrown.NOTHING;
    do {
      queue.disableNotifications();
      thrown = thrown.and(serveAvailable(queue));
    } while (!held.paused() && queue.enableNotifications());
    thrown.rethrow(); // I6
  }

  /**
   * Executes what there is in a queue; requests that continue each other are one run.
   *
   * @return what came out of it beside answers
   */
  private Thrown serveAvailable(BlkQueue queue) {
    boolean merging = parts.options().requestMerging();
    Optional<String> fault = Optional.empty();
    Thrown thrown = Thrown.NOTHING;
    BlkRequestSlot run = null;
    BlkRequestSlot toFill = null;
    try {
      toFill = queue.freeSlot();
      while (queue.pop(toFill)) {
        BlkRequestSlot slot = toFill;
        toFill = null;
        if (run == null || !merging || !run.join(slot)) {
          BlkRequestSlot before = run;
          run = slot;
          thrown = thrown.and(executeRun(before));
        }
        toFill = queue.freeSlot();
      }
      queue.release(toFill);
    } catch (VirtqueueException e) {
      fault = Optional.of(e.getMessage());
    } catch (RuntimeException | Error e) {
      thrown = thrown.and(Thrown.of(e));
      if (toFill != null) { // a chain may be lost, and only a reset brings it back
        fault = faultOf(e);
      }
    }
    thrown = thrown.and(executeRun(run));
    if (fault.isPresent()) { // and no method reference, which would take memory for each
      breakDown(fault.get());
    }
    return thrown;
  }

  /** What is said of a chain that is lost, also where there is no memory left to say it in. */
  private static Optional<String> faultOf(Throwable thrown) {
    try {
      return Optional.of(thrown.toString());
    } catch (RuntimeException | Error e) {
      return CHAIN_LOST;
    }
  }

  /** Hands a run over to the executor; runs it here if that throws and has not run it (I7). */
  private Thrown executeRun(BlkRequestSlot first) {
    if (first == null) {
      return Thrown.NOTHING;
    }
    first.offer();
    try {
      parts.executor().execute(first);
      return Thrown.NOTHING;
    } catch (RuntimeException | Error e) {
      return Thrown.of(e).and(Thrown.by(first));
    }
  }

  /** Carries a request out and completes it: what the executor runs. */
  void serve(BlkRequestSlot slot) {
    if (held.holdIfStopped(slot)) {
      slot.queue().settle();
      resumeIfSettled();
      return;
    }
    if (!slot.queue().begin()) {
      return;
    }
    perform(slot);
  }

  /**
   * Carries a request to read out, or a run of them, and completes it, if the host has its data in
   * memory; whatever else there is to say of it is left to {@link #serve} and {@link #serveRun}.
   */
  PromptRequest.Outcome servePromptly(BlkRequestSlot first) {
    if (!mayServePromptly(first)) {
      return PromptRequest.Outcome.UNKNOWN;
    }
    int requestCount = first.runLength();
    if (!first.queue().begin(requestCount)) {
      return PromptRequest.Outcome.DONE;
    }
    boolean done;
    try {
      done = parts.handler().readPromptly(first);
    } catch (IOException | RuntimeException | Error e) { // it will be said again, to who is told
      first.queue().retract(requestCount);
      return PromptRequest.Outcome.UNKNOWN;
    }
    if (!done) {
      first.queue().retract(requestCount);
      return PromptRequest.Outcome.WOULD_WAIT;
    }
    complete(first, BlkStatus.OK, ALL);
    return PromptRequest.Outcome.DONE;
  }

  private boolean mayServePromptly(BlkRequestSlot first) {
    try {
      return parts.handler().mayReadPromptly(first) && !held.stopped() && allAllowed(first);
    } catch (RuntimeException | Error e) { // as in servePromptly
      return false;
    }
  }

  /**
   * Carries a run of requests out, by one request to the disk, and completes each: what the
   * executor runs. Whatever is out of the ordinary is done one by one.
   */
  void serveRun(BlkRequestSlot first) {
    List<MemorySegment> data = runData(first);
    if (data.isEmpty()) {
      serveEach(first);
      return;
    }
    int requestCount = first.runLength();
    if (!first.queue().begin(requestCount)) {
      return;
    }
    boolean read = first.request().kind() == DecodedRequest.Kind.READ;
    try {
      parts.handler().performRun(first.request(), data, requestCount, askWriteThrough);
    } catch (IOException e) {
      if (read) {
        first.queue().retract(requestCount);
        serveEach(first); // it may be one of them alone that cannot be read
      } else {
        fail(first, e); // I5
      }
      return;
    } catch (RuntimeException | Error e) { // as in perform
      complete(first, BlkStatus.IOERR, 0);
      throw e;
    }
    complete(first, BlkStatus.OK, read ? ALL : 0);
  }

  private boolean allowed(DecodedRequest request) {
    return parts.handler().check(request) == BlkStatus.OK;
  }

  /** The data of a run; none if it must not be carried out as one. */
  private List<MemorySegment> runData(BlkRequestSlot first) {
    try {
      return !held.stopped() && allAllowed(first) ? first.runData() : List.of();
    } catch (RuntimeException | Error e) { // it will be said again, of each
      return List.of();
    }
  }

  /** Whether all requests of a run may be carried out. */
  private boolean allAllowed(BlkRequestSlot first) {
    for (BlkRequestSlot slot = first; slot != null; slot = slot.next()) {
      if (!allowed(slot.request())) {
        return false;
      }
    }
    return true;
  }

  /** Serves each request of a run by itself, also if one of them throws. */
  private void serveEach(BlkRequestSlot first) {
    Thrown thrown = Thrown.NOTHING;
    BlkRequestSlot slot = first;
    while (slot != null) {
      BlkRequestSlot following = slot.leave();
      try {
        serve(slot);
      } catch (RuntimeException | Error e) {
        thrown = thrown.and(Thrown.of(e));
      }
      slot = following;
    }
    thrown.rethrow();
  }

  /** Carries a request out that has begun. */
  private void perform(BlkRequestSlot slot) {
    BlkStatus result;
    long written = 0;
    try {
      slot.requireDecoded();
      result = parts.handler().check(slot.request());
      if (result == BlkStatus.OK) {
        written = parts.handler().perform(slot.request(), slot.data(), askWriteThrough);
      }
    } catch (IOException e) {
      fail(slot, e);
      return;
    } catch (RuntimeException | Error e) { // a driver's mistake must not cost the guest its slot
      complete(slot, BlkStatus.IOERR, 0);
      throw e;
    }
    complete(slot, result, written);
  }

  /** Ends a request, or requests of one kind that were carried out together, which failed. */
  private void fail(BlkRequestSlot first, IOException failure) {
    ErrorAction action = actionFor(first, failure);
    for (BlkRequestSlot slot = first; slot != null; slot = slot.next()) {
      listener.failed(slot, failure, action);
    }
    switch (action) {
      case STOP -> stopWith(first);
      case IGNORE -> complete(first, BlkStatus.OK, 0);
      case REPORT, ENOSPC -> complete(first, BlkStatus.of(failure), 0);
    }
  }

  private void stopWith(BlkRequestSlot first) {
    BlkRequestSlot slot = first;
    while (slot != null) {
      BlkRequestSlot following = slot.leave();
      held.stopWith(slot);
      slot.queue().suspend();
      slot = following;
    }
    resumeIfSettled();
  }

  private ErrorAction actionFor(BlkRequestSlot slot, IOException failure) {
    try {
      return parts.options().errorPolicy().actionFor(slot.request().value(), failure);
    } catch (RuntimeException | Error e) {
      GuardedListener.tellThread(e);
      return ErrorAction.REPORT;
    }
  }

  /**
   * Completes a request, or a run; the guest is told once, when none is under way any more. One
   * that cannot be answered ends too, and keeps no other from it (I6).
   *
   * @param filledBytes how much of their data in guest memory was written, from the front of each,
   *     or {@link #ALL}
   */
  private void complete(BlkRequestSlot first, BlkStatus result, long filledBytes) {
    BlkQueue queue = first.queue();
    Thrown thrown = Thrown.NOTHING;
    boolean interrupt = false;
    BlkRequestSlot slot = first;
    while (slot != null) {
      BlkRequestSlot following = slot.leave(); // before others use it again
      try {
        interrupt |= end(slot, result, Math.min(filledBytes, slot.request().byteCount()));
      } catch (RuntimeException | Error e) {
        thrown = thrown.and(Thrown.of(e));
      }
      slot = following;
    }
    try {
      completed(queue, interrupt);
    } catch (RuntimeException | Error e) {
      thrown = thrown.and(Thrown.of(e));
    }
    thrown.rethrow();
  }

  /** Ends a request that had begun; returns whether the driver wants an interrupt. */
  private boolean end(BlkRequestSlot slot, BlkStatus result, long written) {
    listener.completed(slot, result);
    return slot.queue().complete(slot, result, written);
  }

  private void completed(BlkQueue queue, boolean interrupt) {
    if (interrupt) {
      interrupts.queueInterrupt(queue.index());
    }
    resumeIfSettled();
    if (queue.slotCameBack()) {
      serveQueue(queue.index());
    }
  }

  /** Whether no request may be popped now. */
  boolean paused() {
    return held.paused();
  }

  /** Whether the error policy has stopped the device. */
  boolean stopped() {
    return held.stopped();
  }

  /**
   * Ends a stop: submits what was held, and serves what has been made available since. If popped
   * requests are not settled yet, the last of them to settle does it.
   */
  void resume() {
    held.askToResume();
    resumeIfSettled();
  }

  private void resumeIfSettled() {
    Thrown thrown = Thrown.NOTHING;
    while (held.resumeAsked()) { // the usual case takes no lock
      List<BlkRequestSlot> again = held.beginResubmission(askSettled);
      if (again.isEmpty()) {
        break; // whoever settles the last request, or resubmits now, comes here again
      }
      again.forEach(slot -> slot.queue().unsettle());
      for (BlkRequestSlot slot : again) {
        thrown = thrown.and(executeRun(slot)); // I2
      }
      held.endResubmission();
      try { // and no method reference, which would take memory
        serveAll();
      } catch (RuntimeException | Error e) {
        thrown = thrown.and(Thrown.of(e));
      }
    }
    thrown.rethrow(); // I6
  }

  private boolean settled() {
    return Arrays.stream(queues).allMatch(queue -> queue == null || queue.settled());
  }

  /** Whether the guest has broken a rule. */
  boolean broken() {
    return broken;
  }

  /** Serves nothing more, because of what the guest did. */
  private void breakDown(String message) {
    synchronized (this) {
      if (broken) {
        return;
      }
      broken = true;
    }
    for (BlkQueue queue : queues) {
      if (queue != null && !queue.stop()) {
        return; // a reset was faster: nobody is left to be told
      }
    }
    listener.broken(message);
    interrupts.configurationChanged();
  }

  /** Begins nothing more, waits for what has begun, and drops the rest. */
  void end() {
    Arrays.stream(queues).filter(queue -> queue != null).forEach(BlkQueue::detach);
  }
}
