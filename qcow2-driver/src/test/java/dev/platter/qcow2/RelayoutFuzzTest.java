package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.driver.CompactableFormat.Relayout;
import dev.platter.api.driver.EncryptedFormat;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.VmStateFormat;
import dev.platter.api.error.BlockException;
import dev.platter.tck.HostileCalls;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Lays damaged images out anew, and keeps a machine's state in them: the first byte chooses the
 * steps, the others the damage. What could be read reads the same afterwards, and what was laid out
 * is sound.
 */
class RelayoutFuzzTest {
  private static final int STATE_BYTES = 3000;
  private static final int MOST_COMPARED_BYTES = 1 << 18;
  private final Qcow2DriverProvider provider = new Qcow2DriverProvider();

  @FuzzTest
  void relayout(byte[] input) {
    HostileCalls.survive(
        () -> {
          ByteBuffer bytes = ByteBuffer.wrap(input);
          int steps = bytes.hasRemaining() ? bytes.get() : 0;
          FuzzedImage image = FuzzedImage.of(bytes);
          boolean done;
          try (FormatDriver driver = provider.open(image.opening())) {
            if ((steps & 1) != 0) {
              HostileCalls.attempt(() -> keepState(driver));
            }
            done = changesLayout((Qcow2Format) driver, steps);
          }
          if (done) {
            requireSound(image.file());
          }
        });
  }

  private static void keepState(FormatDriver driver) throws IOException {
    VmStateFormat.VmStateArea area = ((VmStateFormat) driver).vmState();
    area.reserve(STATE_BYTES);
    DriverGuest guest = new DriverGuest(area);
    guest.fill(0, STATE_BYTES, 5);
    guest.read(0, 2 * STATE_BYTES);
  }

  private static boolean changesLayout(Qcow2Format format, int steps) throws IOException {
    Optional<byte[]> before = contents(format);
    List<Relayout> done = new ArrayList<>();
    if ((steps & 2) != 0) {
      HostileCalls.attempt(() -> done.add(format.compact(_ -> {})));
    }
    if ((steps & 4) != 0) {
      HostileCalls.attempt(() -> done.add(format.defragment(1L + (steps & 0xff) * 64L, _ -> {})));
    }
    if (before.isPresent() && !done.isEmpty()) {
      assertThat(contents(format))
          .hasValueSatisfying(now -> assertThat(now).isEqualTo(before.get()));
    }
    return !done.isEmpty();
  }

  /** The beginning of the disk; empty if it cannot be read, or lies encrypted. */
  private static Optional<byte[]> contents(FormatDriver driver) throws IOException {
    if (((EncryptedFormat) driver).dataCipher().isPresent()) {
      return Optional.empty();
    }
    try {
      int length = (int) Math.min(MOST_COMPARED_BYTES, driver.size());
      return Optional.of(new DriverGuest(driver).read(0, length));
    } catch (BlockException e) {
      return Optional.empty();
    }
  }

  private void requireSound(MemoryNode file) throws IOException {
    List<String> findings = new ArrayList<>();
    CheckReport report = provider.check(file, file.name(), Repair.NONE, findings::add);
    assertThat(report.corruptions() + report.checkErrors()).as("%s", findings).isZero();
  }
}
