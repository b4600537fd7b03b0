package dev.platter.harness;

import dev.platter.api.BlockNode;
import dev.platter.harness.blk.AccessListener;
import dev.platter.harness.blk.BlkOptions;
import dev.platter.harness.blk.RequestExecutor;
import dev.platter.harness.blk.VirtioBlkDevice;
import dev.platter.harness.guest.DriverOptions;
import dev.platter.harness.guest.GuestIoException;
import dev.platter.harness.guest.MockBlkDriver;
import dev.platter.harness.guest.MockGuest;

/** A mock guest with one disk. */
public record TestMachine(
    MockGuest guest, VirtioBlkDevice device, MockBlkDriver driver, RequestExecutor executor)
    implements AutoCloseable {

  public static TestMachine of(BlockNode node) throws GuestIoException {
    return of(node, BlkOptions.DEFAULT, DriverOptions.DEFAULT);
  }

  public static TestMachine of(BlockNode node, BlkOptions options, DriverOptions driverOptions)
      throws GuestIoException {
    return of(node, options, driverOptions, RequestExecutor.inline(), AccessListener.NONE);
  }

  public static TestMachine of(
      BlockNode node,
      BlkOptions options,
      DriverOptions driverOptions,
      RequestExecutor executor,
      AccessListener listener)
      throws GuestIoException {
    MockGuest guest = MockGuest.create(16 << 20);
    VirtioBlkDevice device = new VirtioBlkDevice(node, options, executor, listener);
    return new TestMachine(guest, device, guest.plug(device, driverOptions), executor);
  }

  @Override
  public void close() {
    guest.close();
    executor.close();
  }
}
