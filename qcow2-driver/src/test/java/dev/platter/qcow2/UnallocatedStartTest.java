package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.driver.Mapping;
import dev.platter.tck.Seeds;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of the bytes before one that is not allocated, against a map of each of them. */
class UnallocatedStartTest {
  private static final long DISK_BYTES = 2 << 20;
  private static final int STEP = 512;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cluster_size=512",
        "cluster_size=4k",
        "cluster_size=64k",
        "cluster_size=16k,extended_l2=on"
      })
  void nothingIsAllocatedFromThereOn(String options) {
    Seeds.run(
        random -> {
          MemoryNode image = NewImages.create(DISK_BYTES, options.split(","));
          fill(image, random);
          try (Qcow2Format format = Images.open(image)) {
            boolean[] allocated = allocated(format);
            int found = 0;
            for (int i = 0; i < 400; i++) {
              int at = random.nextInt(allocated.length);
              int least = random.nextInt(at + 1);
              if (!allocated[at]) {
                found += assertBackTo(format, allocated, at, least);
              }
            }
            assertThat(found).as("steps that were found").isPositive();
          }
        });
  }

  private static int assertBackTo(Qcow2Format format, boolean[] allocated, int at, int least)
      throws IOException {
    long start = format.backingStart((long) at * STEP, (long) least * STEP);
    assertThat(start).isBetween((long) least * STEP, (long) at * STEP).isEqualTo(start & -STEP);
    int first = (int) (start / STEP);
    for (int step = first; step < at; step++) {
      assertThat(allocated[step]).as("bytes at %#x", (long) step * STEP).isFalse();
    }
    return at - first;
  }

  private static boolean[] allocated(Qcow2Format format) throws IOException {
    boolean[] allocated = new boolean[(int) (DISK_BYTES / STEP)];
    for (int step = 0; step < allocated.length; step++) {
      Mapping mapping = format.map((long) step * STEP, 1);
      allocated[step] = !(mapping instanceof Mapping.Backing);
    }
    return allocated;
  }

  private static void fill(MemoryNode image, RandomGenerator random) throws IOException {
    try (Qcow2Format format = Images.open(image)) {
      DriverGuest guest = new DriverGuest(format);
      for (int i = random.nextInt(1, 12); i > 0; i--) {
        guest.write(STEP * random.nextLong(DISK_BYTES / STEP), Seeds.bytes(random, STEP));
      }
      format.flush();
    }
  }
}
