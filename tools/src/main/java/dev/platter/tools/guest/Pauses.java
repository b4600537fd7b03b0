package dev.platter.tools.guest;

import dev.platter.harness.blk.AccessListener;
import dev.platter.harness.blk.ErrorAction;
import dev.platter.harness.blk.VirtioBlkDevice;
import dev.platter.harness.blk.VirtioBlkRequest;
import dev.platter.harness.guest.MockBlkDriver;
import dev.platter.tools.Terminal;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Says that {@code rerror} or {@code werror} has paused the guest, and why, and lets it go on when
 * the user says so. Where nobody can, the workload ends.
 */
final class Pauses implements AccessListener {
  private static final int END_OF_INPUT = -1;

  private final Terminal terminal;
  private final BlockingQueue<String> reasons = new LinkedBlockingQueue<>();

  Pauses(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public void failed(
      int queueIndex, VirtioBlkRequest request, IOException failure, ErrorAction action) {
    if (action == ErrorAction.STOP) {
      reasons.add(failure.getMessage());
    }
  }

  /** Watches a device, on a thread of its own, as long as the process lives. */
  void watch(VirtioBlkDevice device, MockBlkDriver driver) {
    Thread.ofPlatform().daemon().name("guest-pauses").start(() -> serve(device, driver));
  }

  private void serve(VirtioBlkDevice device, MockBlkDriver driver) {
    try {
      while (true) {
        String reason = reasons.take();
        if (!terminal.watched().getAsBoolean() || !confirmed(reason)) {
          driver.giveUp(
              "the guest was paused: %s; nobody is there to let it go on, so the workload ends"
                      .formatted(reason)
                  + " (werror=report and rerror=report let the guest see the error)");
          return;
        }
        reasons.clear(); // what failed beside it is held as well, and tried again with it
        device.resume();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for Enter; false at the end of the input. */
  private boolean confirmed(String reason) {
    terminal
        .err()
        .printf("%nthe guest is paused: %s%nPress Enter to try again, Ctrl-C to end.%n", reason);
    try {
      int character = terminal.in().read();
      while (character != END_OF_INPUT && character != '\n') {
        character = terminal.in().read();
      }
      return character != END_OF_INPUT;
    } catch (IOException e) {
      return false;
    }
  }
}
