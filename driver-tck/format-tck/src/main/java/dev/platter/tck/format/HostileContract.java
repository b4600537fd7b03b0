package dev.platter.tck.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.driver.CheckableFormat;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.error.BlockException;
import dev.platter.tck.Capability;
import dev.platter.tck.Seeds;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a driver owes to images made by an enemy: it opens them or refuses them, it answers or fails
 * cleanly, and neither takes memory or time that grows with what the image claims.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES) // An endless loop fails instead of hanging the build.
public interface HostileContract extends FormatFixture {
  /** Numbers that are too large, too small, or negative when read with the wrong sign. */
  List<Integer> HOSTILE_NUMBERS =
      List.of(0, 1, 2, 0xff, 0xffff, 1 << 30, Integer.MAX_VALUE, 1 << 31, -2, -1);

  /** Bytes from the start of an image that are replaced one number at a time. */
  int HEADER_BYTES = 128;

  /**
   * The most memory that opening a hostile image of about 1 MiB and a few requests to it may
   * allocate, in bytes.
   */
  default long hostileImageBudgetBytes() {
    return 64L << 20;
  }

  @Test
  default void hostileNumberAnywhereInTheHeaderIsSurvived() throws IOException {
    byte[] image = validImage();
    for (int at = 0; at < Math.min(HEADER_BYTES, image.length - 8); at += 4) {
      for (int number : HOSTILE_NUMBERS) {
        byte[] hostile = image.clone();
        ByteBuffer.wrap(hostile).putInt(at, number);
        survive(hostile, "0x%x at 0x%x".formatted(number, at));
      }
    }
  }

  @Test
  default void randomDamageAnywhereIsSurvived() {
    Seeds.run(
        random -> {
          byte[] image = validImage();
          int rounds = Integer.getInteger("platter.hostile.rounds", 80);
          for (int round = 0; round < rounds; round++) {
            byte[] hostile = image.clone();
            int reach = random.nextBoolean() ? Math.min(4096, hostile.length) : hostile.length;
            for (int i = random.nextInt(1, 20); i > 0; i--) {
              hostile[random.nextInt(reach)] = (byte) random.nextInt();
            }
            survive(hostile, "random damage in round " + round);
          }
        });
  }

  @Test
  default void fileThatWasCutOffIsSurvived() throws IOException {
    byte[] image = validImage();
    for (int length = 0; length < image.length; length += length < 1024 ? 13 : image.length / 40) {
      survive(Arrays.copyOf(image, length), "cut off at " + length);
    }
  }

  @Test
  default void garbageBehindAMagicNumberIsSurvived() {
    Seeds.run(
        random -> {
          byte[] image = validImage();
          for (int kept : new int[] {0, 4, 8, 12, 16, 64, 104, 112, 512}) {
            byte[] hostile = Seeds.bytes(random, image.length);
            System.arraycopy(image, 0, hostile, 0, Math.min(kept, image.length));
            survive(hostile, "garbage from " + kept);
            Arrays.fill(hostile, kept, hostile.length, (byte) 0xff);
            survive(hostile, "all ones from " + kept);
            Arrays.fill(hostile, kept, hostile.length, (byte) 0);
            survive(hostile, "zeros from " + kept);
          }
        });
  }

  /** An image with data, zeros and holes, as its file's bytes. */
  private byte[] validImage() throws IOException {
    byte[] content = new byte[diskBytes()];
    Arrays.fill(content, 0, 200_000, (byte) 1);
    Arrays.fill(content, diskBytes() - 70_000, diskBytes(), (byte) 2);
    byte[] image = image(content).bytes();
    return Arrays.copyOf(image, Math.min(image.length, 4 << 20));
  }

  private void survive(byte[] bytes, String what) {
    for (boolean readOnly : new boolean[] {true, false}) {
      if (!readOnly && !capabilities().contains(Capability.WRITE)) {
        continue;
      }
      MemoryNode file = MemoryNode.of("hostile", bytes);
      try {
        long before = allocatedBytes();
        use(new FormatImage(this, file), readOnly);
        assertThat(allocatedBytes() - before)
            .as("bytes allocated")
            .isLessThan(hostileImageBudgetBytes());
        if (readOnly) { // requests have changed the other
          attempt(() -> check(file.reopenReadOnly()));
        }
      } catch (IOException | RuntimeException | Error e) {
        throw new AssertionError(
            "%s, %s: %s".formatted(what, readOnly ? "read-only" : "writable", e), e);
      }
      if (readOnly) {
        assertThat(file.bytes()).as("file opened read-only, %s", what).isEqualTo(bytes);
      }
    }
  }

  /** A check, where the format has one, ends on every image that opens. */
  private void check(MemoryNode file) throws IOException {
    try (FormatDriver driver = provider().open(TestOpening.of(file))) {
      if (driver instanceof CheckableFormat checkable) {
        checkable.check(CheckableFormat.Repair.NONE, finding -> assertThat(finding).isNotBlank());
      }
    }
  }

  private static void use(FormatImage image, boolean readOnly) throws IOException {
    try (BlockNode node = image.open(readOnly)) {
      long size = node.size();
      int length = (int) Math.min(8192, size);
      attempt(() -> node.read(0, new byte[length]));
      attempt(() -> node.read(size - length, new byte[length]));
      attempt(() -> walkExtents(node));
      if (!readOnly) {
        attempt(() -> node.write(0, new byte[length]));
        attempt(() -> node.write(size - length, new byte[length]));
        attempt(() -> node.flush());
      }
    } catch (BlockException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  private static void walkExtents(BlockNode node) throws IOException {
    long at = 0;
    for (int i = 0; i < 100 && at < node.size(); i++) {
      Extent extent = node.extent(at, node.size() - at);
      assertThat(extent.length()).isBetween(1L, node.size() - at);
      at += extent.length();
    }
  }

  /** A request to a damaged image, which may fail cleanly. */
  private static void attempt(Request request) throws IOException {
    try {
      request.send();
    } catch (BlockException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  /** A request that may fail. */
  @FunctionalInterface
  interface Request {
    /** Sends it. */
    void send() throws IOException;
  }

  private static long allocatedBytes() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }
}
