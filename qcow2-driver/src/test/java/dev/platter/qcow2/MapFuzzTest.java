package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.Mapping;
import dev.platter.tck.HostileCalls;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Maps and reads damaged images. */
class MapFuzzTest {
  private static final int MOST_MAPPINGS = 64;
  private static final int READ_BYTES = 8192;
  private final Qcow2DriverProvider provider = new Qcow2DriverProvider();

  @FuzzTest
  void map(byte[] input) {
    HostileCalls.survive(
        () -> {
          FuzzedImage image = FuzzedImage.of(ByteBuffer.wrap(input));
          try (FormatDriver driver = provider.open(image.readOnlyOpening())) {
            HostileCalls.attempt(() -> mapAll(driver));
            DriverGuest guest = new DriverGuest(driver);
            int length = (int) Math.min(READ_BYTES, driver.size());
            HostileCalls.attempt(() -> guest.read(0, length));
            HostileCalls.attempt(() -> guest.read(driver.size() - length, length));
            HostileCalls.attempt(() -> guest.read(driver.size() / 2, length / 2));
          }
        });
  }

  private static void mapAll(FormatDriver driver) throws IOException {
    long at = 0;
    for (int i = 0; i < MOST_MAPPINGS && at < driver.size(); i++) {
      Mapping mapping = driver.map(at, driver.size() - at);
      assertThat(mapping.length()).isBetween(1L, driver.size() - at);
      at += mapping.length();
    }
  }
}
