package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.tck.HostileCalls;
import dev.platter.tck.fake.MemoryNode;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Checks damaged images, and mends nothing. */
class CheckFuzzTest {
  @FuzzTest
  void check(byte[] input) {
    HostileCalls.survive(
        () -> {
          MemoryNode file = FuzzedImage.of(ByteBuffer.wrap(input)).file();
          byte[] before = file.bytes();
          HostileCalls.attempt(
              () ->
                  new Qcow2DriverProvider()
                      .check(
                          file.reopenReadOnly(),
                          file.name(),
                          Repair.NONE,
                          finding -> assertThat(finding).isNotBlank()));
          assertThat(Arrays.equals(file.bytes(), before)).as("untouched").isTrue();
        });
  }
}
