package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.Preallocation;
import dev.platter.api.driver.BitmapFormat.BitmapInfo;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.error.BlockException;
import dev.platter.api.error.CorruptImageException;
import dev.platter.api.error.ReadOnlyNodeException;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bitmaps that stay in the image, held against sets of bits. */
class BitmapTest {
  private static final int MIB = 1 << 20;

  private final Qcow2DriverProvider provider = new Qcow2DriverProvider();
  @TempDir Path folder;

  @Test
  void anEnabledBitmapTakesNoteOfChangesAndADisabledOneDoesNot() throws IOException {
    MemoryNode node = NewImages.create(MIB);
    try (Qcow2Format format = open(node)) {
      format.addBitmap("on", 4096, true);
      format.addBitmap("off", 4096, false);
      format.markDirty(5000, 1);
      format.markDirty(65536, 8192);
      format.markDirty(0, 0);
    }

    try (Qcow2Format format = openReadOnly(node)) {
      assertThat(format.bitmaps())
          .containsExactly(
              new BitmapInfo("on", 4096, true, true), new BitmapInfo("off", 4096, false, true));
      assertThat(dirty(format, "on"))
          .containsExactly(List.of(4096L, 4096L), List.of(65536L, 8192L));
      assertThat(dirty(format, "off")).isEmpty();
    }
    Qemu.check(node);
  }

  @Test
  void bitmapsAreInUseFromTheOpeningOnAndNotBelievedAfterACrash() throws IOException {
    MemoryNode node = withBitmap();
    MemoryNode crashed;
    try (Qcow2Format _ = open(node)) {
      crashed = node.copy();
    }

    try (Qcow2Format format = openReadOnly(crashed)) {
      assertThat(format.bitmaps()).containsExactly(new BitmapInfo("b", 65536, true, false));
      assertThatThrownBy(() -> dirty(format, "b"))
          .isInstanceOf(BlockException.class)
          .hasMessage("Bitmap 'b' is inconsistent and cannot be used");
    }
    try (Qcow2Format format = open(crashed)) {
      assertThatThrownBy(() -> format.clearBitmap("b")).hasMessageContaining("inconsistent");
      assertThatThrownBy(() -> format.resize(2 * MIB, Preallocation.OFF))
          .hasMessageContaining("inconsistent");
      format.markDirty(0, MIB);
    }
    try (Qcow2Format format = open(crashed)) {
      assertThat(format.bitmaps().getFirst().consistent()).isFalse();
      format.removeBitmap("b");
    }
    assertThat(header(crashed).extension(HeaderExtension.Bitmaps.class)).isEmpty();
    assertThat(header(crashed).features().bitmaps()).isFalse();
    Qemu.check(crashed);
  }

  @Test
  void anImageThatIsReadOnlyIsNotChanged() throws IOException {
    MemoryNode node = withBitmap();
    byte[] before = node.bytes();
    try (Qcow2Format format = openReadOnly(node)) {
      assertThat(format.bitmaps()).hasSize(1);
      assertThatThrownBy(() -> format.addBitmap("c", 65536, true))
          .isInstanceOf(ReadOnlyNodeException.class);
    }
    assertThat(node.bytes()).isEqualTo(before);
  }

  @Test
  void bitmapsOfAProgramThatKnowsNoneAreForgotten() throws IOException {
    MemoryNode node = withBitmap();
    node.write(88, new byte[8]);

    try (Qcow2Format format = open(node)) {
      assertThat(format.bitmaps()).isEmpty();
      format.addBitmap("new", 65536, true);
    }
    try (Qcow2Format format = openReadOnly(node)) {
      assertThat(format.bitmaps()).extracting(BitmapInfo::name).containsExactly("new");
    }
    assertThat(report(node)).isEqualTo(0);
  }

  @Test
  void refusesWhatAnImageCannotKeep() throws IOException {
    try (Qcow2Format format = open(NewImages.create(MIB, "compat=0.10"))) {
      assertThat(format.keepsBitmaps()).isFalse();
      assertThatThrownBy(() -> format.addBitmap("b", 65536, true))
          .hasMessageEndingWith("Cannot store dirty bitmaps in qcow2 v2 files");
    }
    try (Qcow2Format format = open(NewImages.create(1L << 50))) {
      assertThatThrownBy(() -> format.addBitmap("b", 512, true))
          .hasMessageEndingWith(
              "Too much space will be occupied by the bitmap. Use larger granularity");
      assertThatThrownBy(() -> format.addBitmap("b".repeat(1024), 1L << 31, true))
          .hasMessageEndingWith("Name length exceeds maximum (1023 characters)");
      assertThatThrownBy(() -> format.addBitmap("b", 1000, true))
          .hasMessage("Granularity must be power of 2 and at least 512");
      assertThatThrownBy(() -> format.addBitmap("b", 1L << 32, true))
          .hasMessageEndingWith("Granularity exceeds maximum (2147483648 bytes)");
      format.addBitmap("b", 1L << 31, true);
      assertThatThrownBy(() -> format.addBitmap("b", 1L << 31, true))
          .hasMessage("Bitmap already exists: b");
      assertThatThrownBy(() -> format.removeBitmap("c")).hasMessage("Dirty bitmap 'c' not found");
    }
  }

  @Test
  void aDirectoryThatLiesOnOtherMetadataIsNotWritten() throws IOException {
    MemoryNode node = withBitmap();
    Qcow2Header header = header(node);
    HeaderExtension.Bitmaps where = header.extension(HeaderExtension.Bitmaps.class).orElseThrow();
    byte[] directory = new byte[(int) where.directoryBytes()];
    node.read(where.directoryOffset(), ByteBuffer.wrap(directory));
    node.write(header.l1Table().offset(), directory);
    new ImageFile(node).write(place(node) + 16, word(header.l1Table().offset()));

    assertThatThrownBy(() -> open(node))
        .isInstanceOf(CorruptImageException.class)
        .hasMessageContaining("overlaps with active L1 table");
  }

  @Test
  void keepsTheNameOfTheBackingFileWhereTheHeaderGrows() throws IOException {
    MemoryNode node = NewImages.createOver("base-" + "x".repeat(300) + ".raw", MIB);
    try (Qcow2Format format = open(node)) {
      format.addBitmap("b", 65536, true);
    }
    assertThat(header(node).backing().orElseThrow().fileName())
        .isEqualTo("base-" + "x".repeat(300) + ".raw");
    assertThat(header(node).extension(HeaderExtension.Bitmaps.class)).isPresent();
  }

  /** Everything that can be done to bitmaps, in random order; QEMU then takes its turn. */
  @Test
  void randomOperationsLeaveWhatAModelSays() throws IOException {
    long seed = Long.getLong("platter.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int run = 0; run < 12; run++) {
      int clusterBytes = 1024 << random.nextInt(7);
      MemoryNode node =
          NewImages.create(
              MIB + 512L * random.nextInt(4096),
              "cluster_size=" + clusterBytes,
              "refcount_bits=" + (4 << random.nextInt(3)));
      BitmapModel model = new BitmapModel(header(node).diskBytes(), random);
      for (int session = 0; session < 4; session++) {
        try (Qcow2Format format = open(node)) {
          for (int step = 0; step < 12; step++) {
            model.step(format);
          }
        }
        String context = "seed %d, run %d, session %d".formatted(seed, run, session);
        try (Qcow2Format format = openReadOnly(node)) {
          model.assertHolds(format, context);
        }
        assertThat(report(node)).as(context).isZero();
      }
      if (run < 2) {
        qemuTakesOver(node, model, "seed %d, run %d".formatted(seed, run));
      }
    }
  }

  /** QEMU reads each bitmap, merges it into another, and writes both anew. */
  private void qemuTakesOver(MemoryNode node, BitmapModel model, String context)
      throws IOException {
    if (!Qemu.installed()) {
      return;
    }
    Path image = Qemu.save(node, folder.resolve("model.qcow2"));
    Qemu.check(image);
    Map<String, BitSet> expected = new LinkedHashMap<>(model.bits());
    for (String name : expected.keySet()) {
      Qemu.img("bitmap", "--add", "-g", "512", "--merge", name, image.toString(), "q-" + name);
    }
    Qemu.check(image);
    try (Qcow2Format format = openReadOnly(Qemu.node(image))) {
      for (Map.Entry<String, BitSet> bitmap : expected.entrySet()) {
        assertThat(BitmapModel.read(format, bitmap.getKey()))
            .as("%s, %s by QEMU", context, bitmap.getKey())
            .isEqualTo(bitmap.getValue());
        assertThat(BitmapModel.read(format, "q-" + bitmap.getKey()))
            .as("%s, %s merged by QEMU", context, bitmap.getKey())
            .isEqualTo(bitmap.getValue());
      }
    }
  }

  private MemoryNode withBitmap() throws IOException {
    MemoryNode node = NewImages.create(MIB);
    try (Qcow2Format format = open(node)) {
      format.addBitmap("b", 65536, true);
      format.markDirty(0, 1);
    }
    return node;
  }

  private Qcow2Format open(MemoryNode node) throws IOException {
    return (Qcow2Format) provider.open(TestOpening.of(node.reopen()));
  }

  private Qcow2Format openReadOnly(MemoryNode node) throws IOException {
    return (Qcow2Format) provider.open(TestOpening.of(node.reopenReadOnly()).withReadOnly());
  }

  private static Qcow2Header header(MemoryNode node) throws IOException {
    return HeaderCodec.decode("image.qcow2", new ImageFile(node));
  }

  private static long report(MemoryNode node) throws IOException {
    var report = Qcow2Checker.check("image.qcow2", node.reopen(), Repair.NONE, finding -> {});
    return report.corruptions() + report.checkErrors();
  }

  private static List<List<Long>> dirty(Qcow2Format format, String name) throws IOException {
    List<List<Long>> ranges = new ArrayList<>();
    format.forEachDirty(name, (offset, length) -> ranges.add(List.of(offset, length)));
    return ranges;
  }

  /** Where the extension of bitmaps has its data. */
  private static int place(MemoryNode node) {
    byte[] bytes = node.bytes();
    int at = 112;
    while (ByteBuffer.wrap(bytes).getInt(at) != HeaderExtension.BITMAPS) {
      at += 8;
    }
    return at + 8;
  }

  private static ByteBuffer word(long value) {
    return ByteBuffer.allocate(8).putLong(value).flip();
  }
}
