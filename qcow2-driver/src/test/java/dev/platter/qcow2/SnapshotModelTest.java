package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.Preallocation;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.driver.SnapshottableFormat.SnapshotInfo;
import dev.platter.api.driver.SnapshottableFormat.SnapshotRequest;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Random writes, zeros, discards, changes of size and snapshots beside arrays of bytes. Whatever is
 * done, the disk and each snapshot hold what they should, and no check finds anything; {@code
 * qemu-img}, where it is installed, finds nothing either and reads the same.
 */
class SnapshotModelTest {
  private static final int STEPS = Integer.getInteger("platter.snapshot.steps", 60);

  private final long seed = Long.getLong("platter.seed", 1);
  private final Random random = new Random(seed);
  @TempDir private Path folder;

  private MemoryNode image;
  private int clusterBytes;
  private byte[] disk;
  private final Map<String, byte[]> snapshots = new LinkedHashMap<>();

  @ParameterizedTest
  @CsvSource({"512, 16, 1.1", "512, 64, 1.1", "4096, 4, 1.1", "16384, 16, 1.1", "1024, 16, 0.10"})
  void everySnapshotHoldsWhatTheDiskHeld(int clusterBytes, int refcountBits, String compat)
      throws IOException {
    this.clusterBytes = clusterBytes;
    disk = new byte[clusterBytes * 90 + 512];
    image =
        NewImages.create(
            disk.length,
            "cluster_size=" + clusterBytes,
            "refcount_bits=" + refcountBits,
            "compat=" + compat);
    boolean resizes = compat.equals("1.1");
    for (int done = 0; done < STEPS; ) {
      try (Qcow2Format format = Images.open(image.reopen())) {
        for (int i = 0; i < 6; i++, done++) {
          step(format, refcountBits == 4 ? 5 : 12, resizes);
        }
        requireModel(format);
      }
      requireSound();
    }
    compareWithQemu();
  }

  private void step(Qcow2Format format, int mostSnapshots, boolean resizes) throws IOException {
    DriverGuest guest = new DriverGuest(format);
    int offset = random.nextInt(disk.length);
    int length = 1 + random.nextInt(Math.min(5 * clusterBytes, disk.length - offset));
    switch (random.nextInt(9)) {
      case 0, 1, 2 -> {
        int value = 1 + random.nextInt(255);
        guest.fill(offset, length, value);
        Arrays.fill(disk, offset, offset + length, (byte) value);
      }
      case 3 -> release(guest, offset, ReleaseMode.ZERO_KEEP);
      case 4 -> release(guest, offset, ReleaseMode.DISCARD);
      case 5, 6 -> {
        if (snapshots.size() < mostSnapshots) {
          create(format);
        }
      }
      case 7 -> {
        if (!snapshots.isEmpty()) {
          String id = anyId();
          format.applySnapshot(id);
          disk = snapshots.get(id).clone();
        }
      }
      default -> {
        if (!snapshots.isEmpty() && random.nextBoolean()) {
          String id = anyId();
          format.deleteSnapshot(id);
          snapshots.remove(id);
        } else if (resizes) {
          int size = clusterBytes * (60 + random.nextInt(60)); // tails are the graph's to zero
          format.resize(size, Preallocation.OFF);
          disk = Arrays.copyOf(disk, size);
        }
      }
    }
  }

  private void release(DriverGuest guest, int offset, ReleaseMode mode) throws IOException {
    int first = offset - offset % clusterBytes;
    int length = Math.min((1 + random.nextInt(4)) * clusterBytes, disk.length - first);
    if (guest.release(first, length, mode)) {
      Arrays.fill(disk, first, first + length, (byte) 0);
    }
  }

  private void create(Qcow2Format format) throws IOException {
    SnapshotInfo created =
        format.createSnapshot(SnapshotRequest.ofDisk("name", Instant.ofEpochSecond(1000)));
    assertThat(snapshots).doesNotContainKey(created.id());
    snapshots.put(created.id(), disk.clone());
  }

  private String anyId() {
    return new ArrayList<>(snapshots.keySet()).get(random.nextInt(snapshots.size()));
  }

  private void requireModel(Qcow2Format format) throws IOException {
    assertThat(format.size()).as("seed %d", seed).isEqualTo(disk.length);
    assertThat(new DriverGuest(format).read(0, disk.length)).as("seed %d", seed).isEqualTo(disk);
    assertThat(format.snapshots().stream().map(SnapshotInfo::id))
        .as("seed %d", seed)
        .containsExactlyInAnyOrderElementsOf(snapshots.keySet());
  }

  private void requireSound() throws IOException {
    List<String> findings = new ArrayList<>();
    Qcow2Checker.check("image.qcow2", image, Repair.NONE, findings::add);
    assertThat(findings).as("seed %d", seed).isEmpty();
  }

  private void compareWithQemu() throws IOException {
    if (!Qemu.installed()) {
      return;
    }
    Path file = Qemu.save(image, folder.resolve("image.qcow2"));
    Qemu.check(file);
    for (Map.Entry<String, byte[]> snapshot : snapshots.entrySet()) {
      Path copy = Files.copy(file, folder.resolve("copy" + snapshot.getKey()));
      Path raw = folder.resolve("raw" + snapshot.getKey());
      Qemu.img("snapshot", "-a", snapshot.getKey(), copy.toString());
      Qemu.check(copy);
      Qemu.img("convert", "-O", "raw", copy.toString(), raw.toString());
      assertThat(Files.readAllBytes(raw)).as("seed %d", seed).isEqualTo(snapshot.getValue());
    }
  }
}
