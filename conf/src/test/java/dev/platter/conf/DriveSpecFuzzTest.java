package dev.platter.conf;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.platter.graph.DriverRegistry;
import dev.platter.tck.HostileCalls;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Reads option strings, file names with {@code json:} among them, by the rules of the drivers. */
class DriveSpecFuzzTest {
  private static final DriverRegistry DRIVERS = DriverRegistry.discover();

  @DictionaryFile(resourcePath = "options.dict")
  @FuzzTest
  void parse(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    DriveParser parser = new DriveParser(DRIVERS);
    HostileCalls.survive(
        () -> {
          HostileCalls.attempt(() -> new ImageOptsParser(DRIVERS, _ -> {}).parse(text));
          HostileCalls.attempt(() -> parser.parseFileName(text));
          HostileCalls.attempt(() -> DriveArguments.from(List.of("-drive", text), DRIVERS));
          DriveSpec drive = parser.parse(text).drive();
          assertThat(DriveSpec.parse(drive.toString(), DRIVERS)).isEqualTo(drive);
        });
  }
}
