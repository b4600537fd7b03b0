package dev.platter.conf;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.platter.graph.DriverRegistry;
import dev.platter.tck.HostileCalls;
import java.nio.charset.StandardCharsets;

/** Reads what {@code -blockdev} takes: key-value strings and JSON objects. */
class BlockdevFuzzTest {
  private static final DriverRegistry DRIVERS = DriverRegistry.discover();

  @DictionaryFile(resourcePath = "options.dict")
  @FuzzTest
  void parse(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    HostileCalls.survive(
        () -> {
          HostileCalls.attempt(() -> new DriveParser(DRIVERS).parseFileName("json:" + text));
          assertThat(Blockdev.parse(text, DRIVERS)).isNotNull();
        });
  }
}
