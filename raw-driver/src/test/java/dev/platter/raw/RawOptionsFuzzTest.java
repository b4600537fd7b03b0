package dev.platter.raw;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.platter.api.Preallocation;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.FormatOpening;
import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.driver.ResizableFormat;
import dev.platter.tck.HostileCalls;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Opens files with options as text: {@code offset}, a line feed, {@code size}. */
class RawOptionsFuzzTest {
  private static final int FILE_BYTES = 5000;
  private final RawDriverProvider provider = new RawDriverProvider();

  @FuzzTest
  void open(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    int end = text.indexOf('\n');
    String offset = end < 0 ? text : text.substring(0, end);
    String size = text.substring(end + 1);
    HostileCalls.survive(
        () -> {
          HostileCalls.attempt(() -> use("offset=" + offset));
          HostileCalls.attempt(() -> use("size=" + size));
          use("offset=" + offset, "size=" + size);
        });
  }

  private void use(String... options) throws IOException {
    MemoryNode file = new MemoryNode("hostile", FILE_BYTES);
    FormatOpening opening = TestOpening.of(file).withOptions(provider, options);
    try (FormatDriver driver = provider.open(opening)) {
      assertThat(driver.size()).isBetween(0L, FILE_BYTES + 511L).isNotNegative();
      if (driver.size() > 0) {
        Mapping mapping = driver.map(0, driver.size());
        assertThat(mapping.length()).isBetween(1L, driver.size());
        driver.release(0, driver.size(), ReleaseMode.DISCARD);
      }
      HostileCalls.attempt(
          () -> ((ResizableFormat) driver).resize(Long.MAX_VALUE - 511, Preallocation.OFF));
      driver.flush();
    }
  }
}
