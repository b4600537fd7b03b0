package dev.platter.qcow2;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.platter.api.Preallocation;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.driver.ResizableFormat;
import dev.platter.tck.HostileCalls;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Writes to damaged images: the first byte chooses the steps, the others the damage. */
class WriteFuzzTest {
  private static final int WRITE_BYTES = 3000;
  private final Qcow2DriverProvider provider = new Qcow2DriverProvider();

  @FuzzTest
  void write(byte[] input) {
    HostileCalls.survive(
        () -> {
          ByteBuffer bytes = ByteBuffer.wrap(input);
          int steps = bytes.hasRemaining() ? bytes.get() : 0;
          FuzzedImage image = FuzzedImage.of(bytes);
          try (FormatDriver driver = provider.open(image.opening())) {
            change(driver, steps);
            HostileCalls.attempt(driver::flush);
          }
        });
  }

  private static void change(FormatDriver driver, int steps) throws IOException {
    DriverGuest guest = new DriverGuest(driver);
    int length = (int) Math.min(WRITE_BYTES, driver.size());
    long unit = Math.min(driver.allocationUnitBytes(), driver.size());
    if ((steps & 1) != 0) {
      HostileCalls.attempt(() -> guest.fill(0, length, 1));
    }
    if ((steps & 2) != 0) {
      HostileCalls.attempt(() -> guest.fill(driver.size() - length, length, 2));
    }
    if ((steps & 4) != 0) {
      HostileCalls.attempt(() -> guest.release(0, unit, ReleaseMode.DISCARD));
    }
    if ((steps & 8) != 0) {
      HostileCalls.attempt(() -> guest.release(0, unit, ReleaseMode.ZERO_UNMAP));
    }
    if ((steps & 16) != 0) {
      HostileCalls.attempt(driver::flush);
      HostileCalls.attempt(() -> guest.fill(0, length, 3));
    }
    if ((steps & 32) != 0) {
      HostileCalls.attempt(() -> resize(driver, driver.size() + (1 << 20)));
    }
    if ((steps & 64) != 0) {
      HostileCalls.attempt(() -> resize(driver, driver.size() / 1024 * 512));
    }
  }

  private static void resize(FormatDriver driver, long size) throws IOException {
    ((ResizableFormat) driver).resize(size, Preallocation.OFF);
  }
}
