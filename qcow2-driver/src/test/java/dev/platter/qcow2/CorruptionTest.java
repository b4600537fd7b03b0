package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.driver.BlockEvent;
import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.error.CorruptImageException;
import dev.platter.api.error.ReadOnlyNodeException;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.TestEnvironment;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Damaged tables, met while the image is in use. */
class CorruptionTest {
  private static final int CLUSTER = 65536;
  private static final long REFCOUNT_TABLE = CLUSTER;
  private static final long REFCOUNT_BLOCK = 2L * CLUSTER;
  private static final long L1_TABLE = 3L * CLUSTER;
  private static final long L2_TABLE = 4L * CLUSTER;
  private static final long DATA = 5L * CLUSTER;

  private final TestEnvironment environment = new TestEnvironment();
  private MemoryNode node;

  @BeforeEach
  void create() throws IOException {
    node = NewImages.create(1 << 20, "cluster_size=64k");
    try (Qcow2Format format = Images.open(node)) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(0, 2 * CLUSTER, 1);
      assertThat(((Mapping.Data) format.map(0, 1)).hostOffset()).isEqualTo(DATA);
    }
    node = node.reopen();
    assertThat(word(L1_TABLE)).isEqualTo(L1Entry.of(L2_TABLE));
  }

  @Test
  void anUnalignedL2TableIsFatal() throws IOException {
    put(L1_TABLE, L1Entry.of(0x42a00));
    assertFatal(0, "L2 table offset 0x42a00 unaligned (L1 index: 0)");
  }

  @Test
  void anUnalignedClusterIsFatal() throws IOException {
    put(L2_TABLE + 8, L2Entry.normal(0x52a00));
    assertFatal(
        CLUSTER, "Cluster allocation offset 0x52a00 unaligned (L2 offset: 0x40000, L2 index: 0x1)");
  }

  @Test
  void anUnalignedClusterInReserveIsFatal() throws IOException {
    put(L2_TABLE, L2Entry.zeroAllocated(0x52a00));
    assertFatal(
        0, "Preallocated zero cluster offset 0x52a00 unaligned (L2 offset: 0x40000, L2 index: 0)");
  }

  @Test
  void aZeroClusterInVersion2IsFatal() throws IOException {
    node.write(4, ByteBuffer.allocate(4).putInt(2).flip());
    put(L2_TABLE, L2Entry.ZERO);
    assertFatal(0, "Zero cluster entry found in pre-v3 image (L2 offset: 0x40000, L2 index: 0)");
  }

  @Test
  void aReadOnlyImageIsReportedAndLeftAsItIs() throws IOException {
    put(L1_TABLE, L1Entry.of(0x42a00));
    byte[] before = node.bytes();
    try (Qcow2Format format = Images.open(opening().withReadOnly())) {
      assertThatThrownBy(() -> format.map(0, 1)).isInstanceOf(CorruptImageException.class);
    }
    assertThat(node.bytes()).isEqualTo(before);
    assertThat(environment.raised())
        .singleElement()
        .isInstanceOfSatisfying(
            BlockEvent.ImageCorrupted.class, event -> assertThat(event.fatal()).isFalse());
  }

  @Test
  void guestWritesDoNotFallOnTables() throws IOException {
    assertOverlap(L1_TABLE, "active L1 table");
  }

  @Test
  void guestWritesDoNotFallOnRefcounts() throws IOException {
    assertOverlap(REFCOUNT_TABLE, "refcount table");
    assertOverlap(REFCOUNT_BLOCK, "refcount block");
  }

  @Test
  void guestWritesDoNotFallOnL2Tables() throws IOException {
    assertOverlap(L2_TABLE, "active L2 table");
  }

  @Test
  void tablesAreNotHandedOutWhateverTheirRefcount() throws IOException {
    node.write(REFCOUNT_BLOCK + 2 * 3, new byte[2]);
    assertFatal(
        format -> format.allocate(5L * CLUSTER, 1),
        "Preventing invalid write on metadata (overlaps with active L1 table)");
  }

  @Test
  void theFirstClusterIsNotHandedOut() throws IOException {
    node.write(REFCOUNT_BLOCK, new byte[2]);
    assertFatal(
        format -> format.allocate(5L * CLUSTER, 1),
        "Preventing invalid allocation of data cluster at offset 0");
  }

  @Test
  void theFirstClusterIsNoL2Table() throws IOException {
    node.write(REFCOUNT_BLOCK, new byte[2]);
    put(L1_TABLE, 0);
    assertFatal(
        format -> format.allocate(0, 1), "Preventing invalid allocation of L2 table at offset 0");
  }

  @Test
  void theFirstClusterIsNoRefcountBlock() throws IOException {
    put(REFCOUNT_TABLE, 0);
    assertFatal(
        format -> format.allocate(5L * CLUSTER, 1),
        "Preventing invalid allocation of refcount block at offset 0");
  }

  @Test
  void damageThatIsMetAgainAndAgainRaisesOneEvent() throws IOException {
    put(L2_TABLE, L2Entry.normal(0x52a00));
    put(L2_TABLE + 8, L2Entry.normal(0x62a00));
    try (Qcow2Format format = Images.open(opening())) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> format.map(0, 1)).isInstanceOf(CorruptImageException.class);
        assertThatThrownBy(() -> format.map(CLUSTER, 1)).isInstanceOf(CorruptImageException.class);
      }
      assertThat(new DriverGuest(format).read(2 * CLUSTER, CLUSTER)).containsOnly(0);
      format.flush();
    }
    assertThat(environment.raised()).hasSize(1);
    assertThatThrownBy(() -> new Qcow2DriverProvider().open(opening()))
        .hasMessageContaining("Image is corrupt; cannot be opened read/write");
    try (Qcow2Format format = Images.open(opening().withReadOnly())) {
      assertThat(new DriverGuest(format).read(2 * CLUSTER, CLUSTER)).containsOnly(0);
    }
  }

  @Test
  void aRefcountBlockThatIsNotAlignedIsFatal() throws IOException {
    put(REFCOUNT_TABLE, 0x22a00);
    assertFatal(
        format -> format.allocate(5L * CLUSTER, 1),
        "Refblock offset 0x22a00 unaligned (reftable index: 0)");
  }

  @Test
  void aTableThatADiscardedEntryPointsToIsNotFreed() throws IOException {
    put(L2_TABLE, L2Entry.normal(L1_TABLE));
    byte[] table = new byte[CLUSTER];
    node.read(L1_TABLE, table);
    try (Qcow2Format format = Images.open(opening())) {
      format.release(0, CLUSTER, ReleaseMode.DISCARD);
      format.flush();
      assertThatThrownBy(() -> format.allocate(0, 1)).isInstanceOf(ReadOnlyNodeException.class);
    }
    byte[] after = new byte[CLUSTER];
    node.reopen().read(L1_TABLE, after);
    assertThat(after).isEqualTo(table);
    assertThat(node.discardedBytes()).isZero();
  }

  @Test
  void aDamagedCompressedClusterFailsTheReadAlone() throws IOException {
    put(L2_TABLE, L2Entry.compressed(DATA, 1000, 16));
    try (Qcow2Format format = Images.open(opening())) {
      DriverGuest guest = new DriverGuest(format);
      assertThatThrownBy(() -> guest.read(0, 512))
          .isInstanceOf(CorruptImageException.class)
          .hasMessageContaining("Compressed cluster at host offset 0x50000");
      guest.fill(5 * CLUSTER, 512, 3);
    }
    assertThat(environment.raised()).isEmpty();
  }

  private void assertOverlap(long target, String name) throws IOException {
    put(L2_TABLE, L2Entry.normal(target));
    try (Qcow2Format format = Images.open(opening())) {
      assertThat(format.map(0, 1))
          .isInstanceOfSatisfying(
              Mapping.Data.class, data -> assertThat(data.writable()).isFalse());
      assertThatThrownBy(() -> format.allocate(0, 1))
          .isInstanceOf(CorruptImageException.class)
          .hasMessageEndingWith(
              "Preventing invalid write on metadata (overlaps with %s)".formatted(name));
    }
    node = node.reopen();
    node.write(72, new byte[8]);
  }

  private void assertFatal(long offset, String message) throws IOException {
    assertFatal(format -> format.map(offset, 1), message);
  }

  private void assertFatal(Call call, String message) throws IOException {
    try (Qcow2Format format = Images.open(opening())) {
      ThrowingCallable again = () -> call.on(format);
      assertThatThrownBy(again)
          .isInstanceOf(CorruptImageException.class)
          .hasMessage("image.qcow2: " + message);
      assertThatThrownBy(again).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> format.allocate(9L * CLUSTER, 1))
          .isInstanceOf(ReadOnlyNodeException.class);
    }
    assertThat(environment.raised())
        .containsExactly(new BlockEvent.ImageCorrupted("image.qcow2", message, true));
    Qcow2Header header = HeaderCodec.decode("image.qcow2", new ImageFile(node.reopen()));
    assertThat(header.features().corrupt()).isEqualTo(header.version() == 3);
  }

  private TestOpening opening() {
    return TestOpening.of(node).withEnvironment(environment);
  }

  private void put(long offset, long word) throws IOException {
    node.write(offset, ByteBuffer.allocate(8).putLong(word).flip());
  }

  private long word(long offset) throws IOException {
    ByteBuffer word = ByteBuffer.allocate(8);
    node.read(offset, word);
    return word.getLong(0);
  }

  private interface Call {
    Object on(Qcow2Format format) throws IOException;
  }
}
