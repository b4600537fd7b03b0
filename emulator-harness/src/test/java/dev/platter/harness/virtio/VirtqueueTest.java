package dev.platter.harness.virtio;

import static dev.platter.harness.RawRing.BUFFER_ADDRESS;
import static dev.platter.harness.RawRing.INDIRECT;
import static dev.platter.harness.RawRing.MEMORY_BYTES;
import static dev.platter.harness.RawRing.NEXT;
import static dev.platter.harness.RawRing.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.harness.RawRing;
import dev.platter.harness.memory.GuestMemory;
import dev.platter.harness.memory.GuestMemory.Region;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;

class VirtqueueTest {
  private static final int SIZE = 8;
  private static final long TABLE = 0x20000;

  private final RawRing ring = new RawRing(SIZE);
  private final DescriptorChain chain = new DescriptorChain(ring.memory());

  private Virtqueue queue(long features) throws VirtqueueException {
    return new Virtqueue(ring.memory(), ring.layout(), features);
  }

  private static Arguments lie(String name, String message, Consumer<RawRing> ring) {
    return Arguments.of(name, message, ring);
  }

  static final List<Arguments> LIES =
      List.of(
          lie("head beyond the queue", "Guest says index 8 is available", r -> r.available(SIZE)),
          lie(
              "index that jumps",
              "Guest moved used index from 0 to 9",
              r -> r.moveAvailIndex(SIZE + 1)),
          lie(
              "index that goes back",
              "Guest moved used index from 0 to 65535",
              r -> r.moveAvailIndex(-1)),
          lie(
              "next beyond the queue",
              "Desc next is 8",
              r -> r.descriptor(0, BUFFER_ADDRESS, 16, NEXT, SIZE).available(0)),
          lie(
              "descriptor that names itself",
              "Looped descriptor",
              r -> r.descriptor(0, BUFFER_ADDRESS, 16, NEXT, 0).available(0)),
          lie(
              "loop of two",
              "Looped descriptor",
              r ->
                  r.descriptor(0, BUFFER_ADDRESS, 16, NEXT, 5)
                      .descriptor(5, BUFFER_ADDRESS, 16, NEXT, 0)
                      .available(0)),
          lie(
              "readable after writable",
              "Incorrect order for descriptors",
              r ->
                  r.descriptor(0, BUFFER_ADDRESS, 16, NEXT | WRITE, 1)
                      .descriptor(1, BUFFER_ADDRESS, 16, 0, 0)
                      .available(0)),
          lie(
              "buffer of no bytes",
              "virtio: zero sized buffers are not allowed",
              r -> r.descriptor(0, BUFFER_ADDRESS, 0, 0, 0).available(0)),
          lie(
              "buffer beyond memory",
              "virtio: bogus descriptor or out of resources: 0x40000 + 1 bytes",
              r -> r.descriptor(0, MEMORY_BYTES, 1, 0, 0).available(0)),
          lie(
              "buffer that ends beyond memory",
              "virtio: bogus descriptor or out of resources: 0x3fff0 + 17 bytes",
              r -> r.descriptor(0, MEMORY_BYTES - 16, 17, 0, 0).available(0)),
          lie(
              "address and length that overflow",
              "virtio: bogus descriptor or out of resources: 0xfffffffffffffff0 + 32 bytes",
              r -> r.descriptor(0, -16L, 32, 0, 0).available(0)),
          lie(
              "length of 4 GiB less one",
              "virtio: bogus descriptor or out of resources: 0x10000 + 4294967295 bytes",
              r -> r.descriptor(0, BUFFER_ADDRESS, 0xffff_ffffL, 0, 0).available(0)),
          lie(
              "indirect with next",
              "Indirect descriptor with a next descriptor",
              r -> r.descriptor(0, TABLE, 16, INDIRECT | NEXT, 1).available(0)),
          lie(
              "empty table",
              "Invalid size for indirect buffer table: 0",
              r -> r.descriptor(0, TABLE, 0, INDIRECT, 0).available(0)),
          lie(
              "table with a fraction of an entry",
              "Invalid size for indirect buffer table: 24",
              r -> r.descriptor(0, TABLE, 24, INDIRECT, 0).available(0)),
          lie(
              "table beyond memory",
              "Cannot map indirect buffer: 0x3fff0 + 32 bytes lies outside guest memory",
              r -> r.descriptor(0, MEMORY_BYTES - 16, 32, INDIRECT, 0).available(0)),
          lie(
              "table whose end overflows",
              "Cannot map indirect buffer: 0xfffffffffffffff0 + 32 bytes lies outside guest memory",
              r -> r.descriptor(0, -16L, 32, INDIRECT, 0).available(0)),
          lie(
              "table in a table",
              "Indirect descriptor inside an indirect table",
              r ->
                  r.descriptor(0, TABLE, 16, INDIRECT, 0)
                      .entry(TABLE, 0, TABLE, 16, INDIRECT, 0)
                      .available(0)),
          lie(
              "next beyond the table",
              "Desc next is 2",
              r ->
                  r.descriptor(0, TABLE, 32, INDIRECT, 0)
                      .entry(TABLE, 0, BUFFER_ADDRESS, 16, NEXT, 2)
                      .available(0)),
          lie(
              "loop in a table",
              "Looped descriptor",
              r ->
                  r.descriptor(0, TABLE, 32, INDIRECT, 0)
                      .entry(TABLE, 0, BUFFER_ADDRESS, 16, NEXT, 1)
                      .entry(TABLE, 1, BUFFER_ADDRESS, 16, NEXT, 0)
                      .available(0)),
          lie(
              "table of too many buffers",
              "Descriptor chain has more than 1024 buffers",
              r -> {
                for (int i = 0; i < 1025; i++) {
                  r.entry(TABLE, i, BUFFER_ADDRESS, 16, NEXT, i + 1);
                }
                r.descriptor(0, TABLE, 16 * 1026, INDIRECT, 0).available(0);
              }));

  @ParameterizedTest(name = "{0}")
  @FieldSource("LIES")
  void lyingGuestIsFoundOut(String name, String message, Consumer<RawRing> lie) throws Exception {
    Virtqueue queue = queue(RingFeatures.INDIRECT_DESC);
    lie.accept(ring);

    assertThatThrownBy(() -> queue.pop(chain))
        .isInstanceOf(VirtqueueException.class)
        .hasMessage(message);
  }

  @Test
  void tableNeedsTheFeature() throws Exception {
    Virtqueue queue = queue(0);
    ring.descriptor(0, TABLE, 16, INDIRECT, 0).available(0);

    assertThatThrownBy(() -> queue.pop(chain))
        .isInstanceOf(VirtqueueException.class)
        .hasMessageContaining("not negotiated");
  }

  @Test
  void sameHeadAgainAndAgainIsBoundedByTheQueue() throws Exception {
    Virtqueue queue = queue(0);
    ring.descriptor(0, BUFFER_ADDRESS, 16, 0, 0);
    for (int i = 0; i < SIZE; i++) {
      ring.available(0);
      assertThat(queue.pop(chain)).isTrue();
    }
    ring.available(0);

    assertThatThrownBy(() -> queue.pop(chain)).hasMessage("Virtqueue size exceeded");
  }

  static final List<Arguments> BAD_LAYOUTS =
      List.of(
          Arguments.of("Invalid queue size: 0 ", new QueueLayout(0, 0, 0, 0)),
          Arguments.of("Invalid queue size: -8 ", new QueueLayout(-8, 0, 0, 0)),
          Arguments.of("Invalid queue size: 12 ", new QueueLayout(12, 0, 0, 0)),
          Arguments.of("Invalid queue size: 65536 ", new QueueLayout(65536, 0, 0, 0)),
          Arguments.of("Misaligned descriptor table", new QueueLayout(8, 0x1008, 0, 0)),
          Arguments.of("Misaligned available ring", new QueueLayout(8, 0x1000, 0x2001, 0)),
          Arguments.of("Misaligned used ring", new QueueLayout(8, 0x1000, 0x2000, 0x3002)),
          Arguments.of(
              "Cannot map the descriptor table",
              new QueueLayout(8, MEMORY_BYTES - 16, 0x2000, 0x3000)),
          Arguments.of("Cannot map the available ring", new QueueLayout(8, 0x1000, -2L, 0x3000)),
          Arguments.of(
              "Cannot map the used ring", new QueueLayout(8, 0x1000, 0x2000, MEMORY_BYTES - 64)));

  @ParameterizedTest(name = "{0}")
  @FieldSource("BAD_LAYOUTS")
  void ringThatCannotBeUsedIsRefused(String message, QueueLayout layout) {
    assertThatThrownBy(() -> new Virtqueue(ring.memory(), layout, 0))
        .isInstanceOf(VirtqueueException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void ringAcrossTwoRegionsIsRefused() {
    GuestMemory two =
        GuestMemory.of(
            new Region(0, Arena.ofAuto().allocate(0x1010, 16)),
            new Region(0x1010, Arena.ofAuto().allocate(0x1000, 16)));

    assertThatThrownBy(() -> new Virtqueue(two, QueueLayout.contiguous(8, 0x1000), 0))
        .hasMessageStartingWith("Cannot map the descriptor table");
  }

  @Test
  void emptyRingHasNothingToPop() throws Exception {
    assertThat(queue(0).pop(chain)).isFalse();
  }

  @Test
  void directChainIsCopiedInOrder() throws Exception {
    Virtqueue queue = queue(0);
    ring.descriptor(3, BUFFER_ADDRESS, 16, NEXT, 7)
        .descriptor(7, BUFFER_ADDRESS + 64, 8, NEXT, 1)
        .descriptor(1, BUFFER_ADDRESS + 128, 32, WRITE, 0)
        .available(3);

    assertThat(queue.pop(chain)).isTrue();
    ring.descriptor(3, 0, 0, 0, 0); // too late: the copy counts

    assertThat(chain.headIndex()).isEqualTo(3);
    assertThat(chain.readableCount()).isEqualTo(2);
    assertThat(chain.readableBytes()).isEqualTo(24);
    assertThat(chain.writableCount()).isEqualTo(1);
    assertThat(chain.writableBytes()).isEqualTo(32);
    assertThat(chain.lastWritableAddress()).isEqualTo(BUFFER_ADDRESS + 159);
    assertThat(queue.pop(chain)).isFalse();
  }

  @Test
  void directBuffersMayPrecedeATable() throws Exception {
    Virtqueue queue = queue(RingFeatures.INDIRECT_DESC);
    ring.descriptor(0, BUFFER_ADDRESS, 16, NEXT, 1)
        .descriptor(1, TABLE, 32, INDIRECT | WRITE, 0) // WRITE means nothing here
        .entry(TABLE, 0, BUFFER_ADDRESS + 16, 16, NEXT, 1)
        .entry(TABLE, 1, BUFFER_ADDRESS + 32, 1, WRITE, 0)
        .available(0);

    assertThat(queue.pop(chain)).isTrue();
    assertThat(chain.readableBytes()).isEqualTo(32);
    assertThat(chain.writableBytes()).isEqualTo(1);
  }

  @Test
  void bufferAcrossRegionsIsSliced() throws Exception {
    GuestMemory two =
        GuestMemory.of(
            new Region(0, Arena.ofAuto().allocate(0x8000, 16)),
            new Region(0x8000, Arena.ofAuto().allocate(0x8000, 16)));
    RawRing split = new RawRing(two, SIZE);
    DescriptorChain across = new DescriptorChain(two);
    split.descriptor(0, 0x7ffc, 16, 0, 0).available(0);

    assertThat(new Virtqueue(two, split.layout(), 0).pop(across)).isTrue();

    List<MemorySegment> slices = new ArrayList<>();
    across.readableSlices(1, 15, slices);
    assertThat(slices).extracting(MemorySegment::byteSize).containsExactly(3L, 12L);
  }

  @Test
  void pushedChainIsPublishedWithItsLength() throws Exception {
    Virtqueue queue = queue(0);
    ring.descriptor(5, BUFFER_ADDRESS, 16, WRITE, 0).available(5);
    queue.pop(chain);

    queue.push(chain.headIndex(), 16);

    assertThat(ring.usedIndex()).isEqualTo(1);
    assertThat(ring.usedHead(0)).isEqualTo(5);
    assertThat(ring.usedBytes(0)).isEqualTo(16);
    assertThat(queue.inFlight()).isZero();
  }

  @Test
  void indexesWrapAt65536() throws Exception {
    Virtqueue queue = queue(RingFeatures.EVENT_IDX);
    ring.descriptor(0, BUFFER_ADDRESS, 16, WRITE, 0);
    int interrupts = 0;
    for (int i = 0; i < 70_000; i++) {
      ring.usedEvent(i).available(0);
      assertThat(queue.pop(chain)).isTrue();
      queue.push(0, 0);
      interrupts += queue.interruptWanted() ? 1 : 0;
    }

    assertThat(ring.usedIndex()).isEqualTo(70_000 & 0xffff);
    assertThat(interrupts).isEqualTo(70_000);
  }

  @Test
  void flagSuppressesInterrupts() throws Exception {
    Virtqueue queue = queue(0);
    ring.descriptor(0, BUFFER_ADDRESS, 16, WRITE, 0).available(0).available(0);
    queue.pop(chain);
    queue.push(0, 0);
    assertThat(queue.interruptWanted()).isTrue();

    ring.availFlags(RingFeatures.AVAIL_NO_INTERRUPT);
    queue.pop(chain);
    queue.push(0, 0);
    assertThat(queue.interruptWanted()).isFalse();
  }

  @Test
  void usedEventAsksForOneInterruptInABatch() throws Exception {
    Virtqueue queue = queue(RingFeatures.EVENT_IDX);
    ring.descriptor(0, BUFFER_ADDRESS, 16, WRITE, 0).usedEvent(2);
    List<Boolean> wanted = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ring.available(0);
      queue.pop(chain);
      queue.push(0, 0);
      wanted.add(queue.interruptWanted());
    }

    assertThat(wanted).containsExactly(false, false, true, false, false);
  }

  @Test
  void availEventFollowsWhatWasPopped() throws Exception {
    Virtqueue queue = queue(RingFeatures.EVENT_IDX);
    ring.descriptor(0, BUFFER_ADDRESS, 16, WRITE, 0).available(0);
    queue.pop(chain);

    assertThat(queue.enableNotifications()).isFalse();
    assertThat(ring.availEvent()).isEqualTo(1);
    ring.available(0);
    assertThat(queue.enableNotifications()).isTrue();
  }

  @Test
  void flagSuppressesNotifications() throws Exception {
    Virtqueue queue = queue(0);

    queue.disableNotifications();
    assertThat(ring.usedFlags()).isEqualTo(RingFeatures.USED_NO_NOTIFY);
    queue.enableNotifications();
    assertThat(ring.usedFlags()).isZero();
  }
}
