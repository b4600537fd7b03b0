package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.platter.api.driver.DescribedFormat;
import dev.platter.api.driver.FormatDriver;
import dev.platter.tck.HostileCalls;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Opens damaged images, for reading and for writing, and asks what they are. */
class OpenFuzzTest {
  private final Qcow2DriverProvider provider = new Qcow2DriverProvider();

  @FuzzTest
  void open(byte[] input) {
    HostileCalls.survive(
        () -> {
          FuzzedImage image = FuzzedImage.of(ByteBuffer.wrap(input));
          MemoryNode file = image.file();
          byte[] before = file.bytes();
          HostileCalls.attempt(() -> describe(image.readOnlyOpening()));
          assertThat(Arrays.equals(file.bytes(), before)).as("untouched").isTrue();
          HostileCalls.attempt(() -> describe(image.opening()));
        });
  }

  private void describe(TestOpening opening) throws IOException {
    try (FormatDriver driver = provider.open(opening)) {
      assertThat(driver.size()).isNotNegative();
      assertThat(driver.backing()).isNotNull();
      assertThat(((DescribedFormat) driver).details()).isNotNull();
    }
  }
}
