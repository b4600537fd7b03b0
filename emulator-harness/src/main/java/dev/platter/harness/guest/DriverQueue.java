package dev.platter.harness.guest;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * One request queue of the mock driver: requests are offered, the device is kicked, what comes back
 * is reaped.
 *
 * <p>Threads: one at a time.
 */
public final class DriverQueue {
  private final MockBlkDriver driver;
  private final int index;
  private final DriverRing ring;
  private final Framing framing;
  private final GuestRequest[] outstanding;
  private final BufferList buffers = new BufferList();
  private final InterruptSignal signal = new InterruptSignal();
  private int inFlight;

  DriverQueue(MockBlkDriver driver, int index, DriverRing ring, int queueSize, Framing framing) {
    this.driver = driver;
    this.index = index;
    this.ring = ring;
    this.framing = framing;
    this.outstanding = new GuestRequest[queueSize];
  }

  /** The queue's number. */
  public int index() {
    return index;
  }

  /** How many requests the device has. */
  public int inFlight() {
    return inFlight;
  }

  /** How many interrupts the device has raised for this queue. */
  public long interruptCount() {
    return signal.count();
  }

  /**
   * Makes a request available to the device, which need not look before {@link #kick}.
   *
   * @param request prepared, and not with the device already
   * @return whether there was room; if not, reap first
   */
  public boolean offer(GuestRequest request) {
    buffers.clear();
    framing.cut(request, buffers);
    if (!ring.fits(buffers)) {
      return false;
    }
    request.setSubmittedNanos(System.nanoTime());
    outstanding[ring.add(buffers)] = request;
    inFlight++;
    return true;
  }

  /** Notifies the device, if it asked for that. It may serve the queue before this returns. */
  public void kick() {
    if (ring.notificationWanted()) {
      driver.device().notifyQueue(index);
    }
  }

  /**
   * Takes what the device has given back, without waiting.
   *
   * @param completed gets each request; may offer it again
   * @return how many there were
   */
  public int reap(Consumer<GuestRequest> completed) {
    int count = 0;
    ring.disableInterrupts();
    while (ring.hasUsed()) {
      GuestRequest request = outstanding[ring.usedHead()];
      request.setUsedBytes(ring.usedBytes());
      ring.takeUsed();
      inFlight--;
      count++;
      completed.accept(request);
    }
    return count;
  }

  /**
   * Waits until the device has given something back; as long as it takes while the device is
   * paused.
   *
   * @throws GuestIoException if it takes longer than the limit, or the device needs a reset
   */
  public void await(Duration limit) throws GuestIoException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      if (ring.hasUsed()) {
        return;
      }
      ring.enableInterrupts();
      if (ring.hasUsed()) {
        return;
      }
      driver.requireWorking();
      if (!signal.await(deadline - System.nanoTime()) && !waitsForResume(limit)) {
        throw new GuestIoException("queue %d: no answer in %s".formatted(index, limit));
      }
    }
  }

  /** Whether the device is paused; waits for a while if so. */
  private boolean waitsForResume(Duration limit) {
    if (!driver.paused()) {
      return false;
    }
    signal.await(limit.toNanos());
    return true;
  }

  /** The interrupt line; from any thread. */
  void interrupted() {
    signal.raise();
  }

  /** Wakes whoever waits, to look at the device; from any thread. */
  void wake() {
    signal.wake();
  }
}
