package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.driver.CompactableFormat.Relayout;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.error.BlockException;
import dev.platter.api.error.CorruptImageException;
import dev.platter.api.error.Errno;
import dev.platter.tck.fake.FaultyNode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.Operation;
import dev.platter.tck.fake.RecordingNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Layouts that few images have: they are laid out anew as any other, or refused untouched. */
class RelayoutEdgesTest {
  private static final int CLUSTER = 4096;
  private static final int CLUSTERS = 40;
  private static final long SPARE_BYTES = 3 * CLUSTER;

  /** The ways to lay an image out anew. */
  enum Order {
    COMPACT {
      @Override
      Relayout perform(Qcow2Format format) throws IOException {
        return format.compact(_ -> {});
      }

      @Override
      void perform(ImageRelayout relayout) throws IOException {
        relayout.compact(_ -> {});
      }
    },
    DEFRAGMENT {
      @Override
      Relayout perform(Qcow2Format format) throws IOException {
        return format.defragment(SPARE_BYTES, _ -> {});
      }

      @Override
      void perform(ImageRelayout relayout) throws IOException {
        relayout.defragment(SPARE_BYTES, _ -> {});
      }
    };

    abstract Relayout perform(Qcow2Format format) throws IOException;

    abstract void perform(ImageRelayout relayout) throws IOException;
  }

  @ParameterizedTest
  @EnumSource
  void clusterThatDataAndCompressedDataShareStays(Order order) throws IOException {
    MemoryNode image = NewImages.create((long) CLUSTERS * CLUSTER, "cluster_size=" + CLUSTER);
    try (Qcow2Format format = Images.open(image.reopen())) {
      DriverGuest guest = new DriverGuest(format);
      for (int at = 19; at >= 0; at--) {
        guest.fill((long) at * CLUSTER, CLUSTER, 1 + at);
      }
      guest.fillCompressed(30L * CLUSTER, CLUSTER, 50);
      guest.fillCompressed(31L * CLUSTER, CLUSTER, 51);
      guest.fill(22L * CLUSTER, CLUSTER, 22);
      guest.fill(21L * CLUSTER, CLUSTER, 21);
      format.flush();
      guest.release(10L * CLUSTER, 8L * CLUSTER, ReleaseMode.DISCARD);
    }
    nameOnceMore(image, 36, L2Entry.compressedOffset(entry(image, 30), 12) & -CLUSTER);
    RelayoutImage.check(image, false, "before");
    byte[] before = contents(image);
    long oldSize = image.size();

    try (Qcow2Format format = Images.open(image.reopen())) {
      order.perform(format);
    }

    RelayoutImage.check(image, false, "after");
    Qemu.check(image);
    assertThat(contents(image)).isEqualTo(before);
    assertThat(image.size()).isLessThan(oldSize);
  }

  @Test
  void holeThatMovesBehindTheEndOfTheFileBelongsToTheFile() throws IOException {
    MemoryNode image = new MemoryNode("image.qcow2", 3 << 16);
    image.write(0, new byte[] {1});
    ClusterCopy copy = new ClusterCopy(new ImageFile(image), Optional.empty());
    copy.copyData(1 << 16, 3 << 16, 1 << 16);
    assertThat(image.size()).isEqualTo(4 << 16);
    assertThat(image.allocatedBytes()).isEqualTo(1 << 16);
  }

  @ParameterizedTest
  @EnumSource
  void holesKeepNoSpace(Order order) throws IOException {
    int cluster = 1 << 16; // what a node in memory can leave out
    MemoryNode image = NewImages.create(20L * cluster, "preallocation=metadata");
    try (Qcow2Format format = Images.open(image.reopen())) {
      DriverGuest guest = new DriverGuest(format);
      guest.release(0, 6L * cluster, ReleaseMode.DISCARD);
      format.flush();
      for (int at = 3; at >= 0; at--) {
        guest.fill((long) at * cluster, cluster, 1 + at);
      }
      guest.release(12L * cluster, cluster, ReleaseMode.ZERO_KEEP);
    }
    RelayoutImage kind = new RelayoutImage(cluster, 20);
    RelayoutImage.Contents before = kind.contents(image);
    long data = image.allocatedBytes();

    try (Qcow2Format format = Images.open(image.reopen())) {
      order.perform(format);
    }

    RelayoutImage.check(image, false, order.toString());
    Qemu.check(image);
    assertThat(kind.contents(image)).isEqualTo(before);
    assertThat(image.allocatedBytes()).isLessThanOrEqualTo(data);
  }

  /** Each write of the writing back fails once, those before the relayout begins among them. */
  @ParameterizedTest
  @EnumSource
  void bitmapsRecordWritesAgainWhereARelayoutCouldNotBegin(Order order) throws IOException {
    RelayoutImage kind = new RelayoutImage(512, 60);
    MemoryNode before = kind.create(false, 1);
    long failures = 1;
    int recorded = 0;
    for (int nth = 1; failures > 0; nth++) {
      MemoryNode image = before.copy();
      FaultyNode file = new FaultyNode(image);
      boolean written = writeAfterFailure(file, nth, order);
      failures = file.failures();
      if (written) {
        recorded += recorded(image, "write %d fails".formatted(nth)) ? 1 : 0;
      }
    }
    assertThat(recorded).isPositive();
  }

  private static boolean writeAfterFailure(FaultyNode file, int nth, Order order)
      throws IOException {
    boolean written = false;
    try (Qcow2Format format = Images.open(file)) {
      format.clearBitmap("kept");
      DriverGuest guest = new DriverGuest(format);
      guest.release(0, 20 * 512, ReleaseMode.DISCARD);
      file.failNth(FaultyNode.Kind.WRITE, nth, Errno.ENOSPC);
      try {
        order.perform(format);
      } catch (BlockException e) {
        format.markDirty(50 * 512, 512);
        guest.fill(50 * 512, 512, 4);
        written = true;
      }
    } catch (BlockException e) {
      written = false; // the image is not to be used any more, or its bitmaps are lost
    }
    return written;
  }

  /** Whether a bitmap is to be believed; then it has the write. */
  private static boolean recorded(MemoryNode image, String what) throws IOException {
    List<Long> dirty = new ArrayList<>();
    try (Qcow2Format format = Images.open(TestOpening.of(image.reopenReadOnly()).withReadOnly())) {
      if (!format.bitmaps().getFirst().consistent()) {
        return false;
      }
      format.forEachDirty("kept", (offset, _) -> dirty.add(offset));
    }
    assertThat(dirty).as(what).contains(50L * 512);
    return true;
  }

  @ParameterizedTest
  @EnumSource
  void bitmapWhoseBitsAreATableIsRefused(Order order) throws IOException {
    RelayoutImage kind = new RelayoutImage(512, 60);
    MemoryNode image = kind.create(false, 1);
    ImageFile file = new ImageFile(image);
    Qcow2Header header = HeaderCodec.decode("image.qcow2", file);
    HeaderExtension.Bitmaps where = header.extension(HeaderExtension.Bitmaps.class).orElseThrow();
    StoredBitmap bitmap =
        StoredBitmap.readAll("image.qcow2", file, header.geometry(), where).getFirst();
    long bits = file.read(bitmap.tableOffset(), 8).getLong();
    long l1Entry = file.read(header.l1Table().offset(), 8).getLong();
    long l2Table = L1Entry.tableOffset(l1Entry);
    put(image, bitmap.tableOffset(), l2Table);
    put(image, header.l1Table().offset(), l2Table); // not COPIED, since there are two references
    count(image, l2Table, 1);
    count(image, bits, -1);
    refuses(order, image);
  }

  @ParameterizedTest
  @EnumSource
  void bitmapsThatShareTheirBitsAreRefused(Order order) throws IOException {
    RelayoutImage kind = new RelayoutImage(512, 60);
    MemoryNode image = kind.create(false, 1);
    try (Qcow2Format format = kind.open(image.reopen())) {
      format.addBitmap("second", 512, true);
      format.markDirty(0, 512);
    }
    ImageFile file = new ImageFile(image);
    Qcow2Header header = HeaderCodec.decode("image.qcow2", file);
    HeaderExtension.Bitmaps where = header.extension(HeaderExtension.Bitmaps.class).orElseThrow();
    List<StoredBitmap> bitmaps =
        StoredBitmap.readAll("image.qcow2", file, header.geometry(), where);
    long first = file.read(bitmaps.getFirst().tableOffset(), 8).getLong();
    long second = file.read(bitmaps.getLast().tableOffset(), 8).getLong();
    put(image, bitmaps.getLast().tableOffset(), first);
    count(image, first, 1);
    count(image, second, -1);
    refuses(order, image);
  }

  /** The checker finds nothing; what moves clusters does, and changes nothing. */
  private static void refuses(Order order, MemoryNode image) throws IOException {
    RelayoutImage.check(image, false, "before");
    RecordingNode running = new RecordingNode(image);
    TestOpening opening = TestOpening.of(running);
    Qcow2Header header = HeaderCodec.decode("image.qcow2", new ImageFile(running));
    ImageRelayout relayout =
        new ImageRelayout(ImageOpening.of(opening, header), Optional.empty(), 5);
    assertThatThrownBy(() -> order.perform(relayout))
        .isInstanceOf(CorruptImageException.class)
        .hasMessageContaining("Two tables share the cluster at offset 0x");
    assertThat(running.changes()).allMatch(change -> change instanceof Operation.Flush);
  }

  private static long entryPlace(MemoryNode image, int guestCluster) throws IOException {
    ImageFile file = new ImageFile(image);
    Qcow2Header header = HeaderCodec.decode("image.qcow2", file);
    long table = L1Entry.tableOffset(file.read(header.l1Table().offset(), 8).getLong());
    return table + 8L * guestCluster;
  }

  private static long entry(MemoryNode image, int guestCluster) throws IOException {
    return new ImageFile(image).read(entryPlace(image, guestCluster), 8).getLong();
  }

  private static void nameOnceMore(MemoryNode image, int guestCluster, long hostOffset)
      throws IOException {
    put(image, entryPlace(image, guestCluster), hostOffset);
    count(image, hostOffset, 1);
  }

  private static void put(MemoryNode image, long offset, long word) throws IOException {
    image.write(offset, ByteBuffer.allocate(8).putLong(word).flip());
  }

  private static void count(MemoryNode image, long hostOffset, int more) throws IOException {
    ImageFile file = new ImageFile(image);
    Qcow2Header header = HeaderCodec.decode("image.qcow2", file);
    StoredRefcounts stored = new StoredRefcounts(file, header.geometry(), header.refcountTable());
    long cluster = header.geometry().clusterIndex(hostOffset);
    stored.set(cluster, stored.get(cluster) + more);
    stored.write();
  }

  private static byte[] contents(MemoryNode image) throws IOException {
    try (Qcow2Format format = Images.open(TestOpening.of(image.reopenReadOnly()).withReadOnly())) {
      return new DriverGuest(format).read(0, CLUSTERS * CLUSTER);
    }
  }
}
