package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.error.CorruptImageException;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Entries that point at metadata of each kind, and what the overlap checks make of a write. */
class OverlapCheckTest {
  private static final int CLUSTER = 4096;

  /** A guest offset whose entry is zero, whatever of the image is taken for the L2 table. */
  private static final int UNALLOCATED = 1 << 20;

  private static final Pattern REFUSAL = Pattern.compile("overlaps with ([A-Za-z0-9_ ]+)\\)");

  @TempDir static Path folder;

  private static MemoryNode image;
  private static long firstEntryOffset;
  private static long firstL1EntryOffset;
  private static Map<MetadataKind, Long> targets;

  @BeforeAll
  static void makeAnImageWithEverything() throws IOException {
    Qemu.assumeInstalled();
    Path file = folder.resolve("image.qcow2");
    Qemu.img("create", "-q", "-f", "qcow2", "-o", "cluster_size=4k", file.toString(), "4M");
    Qemu.io(file, "write -q -P 1 0 64k");
    Qemu.img("snapshot", "-c", "before", file.toString());
    Qemu.img("bitmap", "--add", file.toString(), "bitmap0");
    Qemu.io(file, "write -q -P 2 0 8k");
    image = Qemu.node(file);
    targets = targets();
    firstEntryOffset = targets.get(MetadataKind.ACTIVE_L2);
    firstL1EntryOffset = targets.get(MetadataKind.ACTIVE_L1);
  }

  private static Map<MetadataKind, Long> targets() throws IOException {
    ImageFile file = new ImageFile(image);
    Qcow2Header header = HeaderCodec.decode("image", file);
    InternalSnapshot snapshot = SnapshotTable.read("image", file, header).snapshots().getFirst();
    Map<MetadataKind, Long> found = new EnumMap<>(MetadataKind.class);
    found.put(MetadataKind.ACTIVE_L1, header.l1Table().offset());
    found.put(MetadataKind.ACTIVE_L2, table(file, header.l1Table().offset()));
    found.put(MetadataKind.REFCOUNT_TABLE, header.refcountTable().offset());
    found.put(MetadataKind.REFCOUNT_BLOCK, table(file, header.refcountTable().offset()));
    found.put(MetadataKind.SNAPSHOT_TABLE, header.snapshotTable().offset());
    found.put(MetadataKind.INACTIVE_L1, snapshot.l1Table().offset());
    found.put(MetadataKind.INACTIVE_L2, table(file, snapshot.l1Table().offset()));
    found.put(
        MetadataKind.BITMAP_DIRECTORY,
        header.extension(HeaderExtension.Bitmaps.class).orElseThrow().directoryOffset());
    return found;
  }

  private static long table(ImageFile file, long entryOffset) throws IOException {
    return L1Entry.tableOffset(file.read(entryOffset, Long.BYTES).getLong());
  }

  static List<String> options() {
    return List.of(
        "overlap-check=none",
        "overlap-check=constant",
        "overlap-check=cached",
        "overlap-check=all",
        "overlap-check.template=all,overlap-check.inactive-l2=off,overlap-check.active-l1=off",
        "overlap-check=none,overlap-check.snapshot-table=on,overlap-check.refcount-block=on");
  }

  @ParameterizedTest
  @MethodSource("options")
  void refusesTheWritesThatQemuRefuses(String options) throws IOException {
    for (Map.Entry<MetadataKind, Long> target : targets.entrySet()) {
      MemoryNode damaged = damaged(firstEntryOffset, L2Entry.normal(target.getValue()));
      Optional<String> theirs = theirRefusal(damaged, 0, options);

      assertThat(refusal(damaged, 0, options.split(",", -1)))
          .as("%s with %s", target.getKey(), options)
          .isEqualTo(theirs);
    }
  }

  /**
   * QEMU names whichever of the two it does not write first. The directory of bitmaps is written at
   * the opening.
   */
  @ParameterizedTest
  @MethodSource("options")
  void refusesTheTablesThatQemuRefuses(String options) throws IOException {
    for (Map.Entry<MetadataKind, Long> target : targets.entrySet()) {
      MemoryNode damaged = damaged(firstL1EntryOffset, L1Entry.of(target.getValue()));
      Optional<String> theirs = theirRefusal(damaged, UNALLOCATED, options);

      assertThat(refusal(damaged, UNALLOCATED, options.split(",", -1)))
          .as("table at %s with %s", target.getKey(), options)
          .isEqualTo(theirs.map(either -> ours(target.getKey(), either)));
    }
  }

  private static String ours(MetadataKind target, String theirs) {
    return target == MetadataKind.BITMAP_DIRECTORY ? theirs : target.words();
  }

  private static MemoryNode damaged(long where, long word) throws IOException {
    MemoryNode damaged = image.copy();
    damaged.write(where, ByteBuffer.allocate(Long.BYTES).putLong(word).flip());
    return damaged;
  }

  @Test
  void theTablesOfASnapshotAreWatchedWhileTheActiveOnesMoveAway() throws IOException {
    Qemu.assumeInstalled();
    Path file = folder.resolve("shared.qcow2");
    Qemu.img("create", "-q", "-f", "qcow2", "-o", "cluster_size=4k", file.toString(), "4M");
    Qemu.io(file, "write -q -P 1 0 4M");
    Qemu.img("snapshot", "-c", "before", file.toString());
    MemoryNode shared = Qemu.node(file);
    try (Qcow2Format format = Images.open(TestOpening.of(shared), "overlap-check=all")) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(0, 4 << 20, 2);
      format.flush();
      guest.fill(0, 4 << 20, 3);
      assertThat(guest.read(0, 4 << 20)).containsOnly(3);
    }
    Qemu.check(shared);
  }

  private static Optional<String> refusal(MemoryNode damaged, int guestOffset, String... options)
      throws IOException {
    try (Qcow2Format format = Images.open(TestOpening.of(damaged.reopen()), options)) {
      new DriverGuest(format).fill(guestOffset, CLUSTER, 7);
      return Optional.empty();
    } catch (CorruptImageException e) {
      return metadata(e.getMessage());
    }
  }

  private static Optional<String> theirRefusal(
      MemoryNode damaged, int guestOffset, String options) {
    Path file = Qemu.save(damaged, folder.resolve("damaged.qcow2"));
    String opening = "driver=qcow2,file.driver=file,file.filename=%s,%s".formatted(file, options);
    Qemu.Result result =
        Qemu.attempt(
            "qemu-io", "--image-opts", "-c", "write -P 7 %d 4096".formatted(guestOffset), opening);
    assertThat(List.of(0, 1)).as(result.output()).contains(result.exitCode());
    return metadata(result.output());
  }

  private static Optional<String> metadata(String message) {
    Matcher matcher = REFUSAL.matcher(message);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }
}
