package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.driver.BitmapFormat;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bitmaps that are merged, of two granularities, of two images, and of disks of two sizes. */
class BitmapMergeTest {
  private static final int SECTOR = 512;
  private static final long DISK_BYTES = 1_000_448; // no multiple of a granule but a sector

  @TempDir private Path folder;

  private static MemoryNode image(long diskBytes, String bitmap, long granularityBytes)
      throws IOException {
    MemoryNode node = NewImages.create(diskBytes);
    try (Qcow2Format format = Images.open(node.reopen())) {
      format.addBitmap(bitmap, granularityBytes, true);
    }
    return node;
  }

  private static void mark(MemoryNode node, long... offsets) throws IOException {
    try (Qcow2Format format = Images.open(node.reopen())) {
      for (long offset : offsets) {
        format.markDirty(offset, 1);
      }
    }
  }

  private static BitSet sectors(MemoryNode node, String bitmap) throws IOException {
    try (Qcow2Format format = Images.open(node.reopen())) {
      return BitmapModel.read(format, bitmap);
    }
  }

  private static BitSet granules(long granularityBytes, long... offsets) {
    BitSet expected = new BitSet();
    for (long offset : offsets) {
      long first = offset / granularityBytes * granularityBytes;
      long end = Math.min(first + granularityBytes, DISK_BYTES);
      expected.set((int) (first / SECTOR), (int) (end / SECTOR));
    }
    return expected;
  }

  /** Each granule of the target is dirty that a dirty one of the source touches. */
  @ParameterizedTest
  @CsvSource({"512,65536", "65536,512", "4096,1048576", "65536,65536"})
  void granulesOfAnotherSizeAreMarkedAsQemuMarksThem(long sourceGranule, long targetGranule)
      throws IOException {
    long[] offsets = {70_000, 300_000, DISK_BYTES - 1};
    MemoryNode source = image(DISK_BYTES, "from", sourceGranule);
    mark(source, offsets);
    MemoryNode target = image(DISK_BYTES, "into", targetGranule);
    mark(target, 0);
    Path sourceFile = Qemu.save(source, folder.resolve("source"));
    Path targetFile = Qemu.save(target, folder.resolve("target"));
    BitSet expected = granules(targetGranule, 0);
    sectors(source, "from").stream()
        .forEach(sector -> expected.or(granules(targetGranule, (long) sector * SECTOR)));

    try (Qcow2Format from = Images.open(source.reopen());
        Qcow2Format into = Images.open(target.reopen())) {
      into.mergeBitmap("into", from, "from");
    }

    assertThat(sectors(target, "into")).isEqualTo(expected);
    Qemu.check(target);
    if (Qemu.installed()) {
      String[] words = {"bitmap", "-b", sourceFile.toString(), "-F", "qcow2", "--merge", "from"};
      List<String> merge = new ArrayList<>(List.of(words));
      merge.addAll(List.of(targetFile.toString(), "into"));
      Qemu.img(merge.toArray(String[]::new));
      assertThat(sectors(Qemu.node(targetFile), "into")).isEqualTo(expected);
    }
  }

  @Test
  void bitmapsOfDisksOfTwoSizesAreNotMerged() throws IOException {
    MemoryNode source = image(DISK_BYTES, "from", 4096);
    mark(source, 70_000);
    MemoryNode target = image(1 << 20, "into", 65536);
    try (Qcow2Format from = Images.open(source.reopen());
        Qcow2Format into = Images.open(target.reopen())) {
      assertThatThrownBy(() -> into.mergeBitmap("into", from, "from"))
          .hasMessage(
              "Bitmaps are of different sizes (destination size is 1048576, source size is"
                  + " 1000448) and can't be merged");
      assertThatThrownBy(() -> into.mergeBitmap("into", from, "no"))
          .hasMessage("Dirty bitmap 'no' not found"); // said first, as QEMU does
      assertThat(BitmapModel.read(into, "into").isEmpty()).isTrue();
    }
    assertThat(sectors(target, "into").isEmpty()).isTrue();
  }

  /** The image that is merged from is in use: what it has may change at any time. */
  @Test
  void sizesAreComparedAlthoughTheBitmapWasNotThereAMomentAgo() throws IOException {
    MemoryNode source = image(DISK_BYTES, "from", 4096);
    mark(source, 70_000);
    MemoryNode target = image(1 << 20, "into", 65536);
    try (Qcow2Format from = Images.open(source.reopen());
        Qcow2Format into = Images.open(target.reopen())) {
      assertThatThrownBy(() -> into.mergeBitmap("into", listingNothing(from), "from"))
          .hasMessageStartingWith("Bitmaps are of different sizes");
      assertThat(BitmapModel.read(into, "into").isEmpty()).isTrue();
    }
  }

  private static BitmapFormat listingNothing(BitmapFormat format) {
    return (BitmapFormat)
        Proxy.newProxyInstance(
            BitmapFormat.class.getClassLoader(),
            new Class<?>[] {BitmapFormat.class},
            (_, method, arguments) ->
                method.getName().equals("bitmaps") ? List.of() : method.invoke(format, arguments));
  }
}
