package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.tck.HostileCalls;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Mends damaged images: what is sound afterwards stays so. The first byte chooses the repair. */
class RepairFuzzTest {
  private final Qcow2DriverProvider provider = new Qcow2DriverProvider();

  @FuzzTest
  void repair(byte[] input) {
    HostileCalls.survive(
        () -> {
          ByteBuffer bytes = ByteBuffer.wrap(input);
          boolean all = bytes.hasRemaining() && (bytes.get() & 1) != 0;
          MemoryNode file = FuzzedImage.of(bytes).file();
          repair(file, all ? Repair.ALL : Repair.LEAKS);
        });
  }

  /**
   * What is not sound after a repair need not stay as it is: tables that lie upon each other say
   * something else once one of them was mended.
   */
  private void repair(MemoryNode file, Repair repair) throws IOException {
    CheckReport mended = provider.check(file, file.name(), repair, _ -> {});
    List<String> findings = new ArrayList<>();
    CheckReport again = provider.check(file, file.name(), repair, findings::add);
    if (mended.clean()) {
      assertThat(again.clean()).as("%s after %s", findings, mended).isTrue();
      assertThat(again.corruptionsFixed() + again.leaksFixed())
          .as("mended again: %s after %s", findings, mended)
          .isZero();
    }
  }
}
