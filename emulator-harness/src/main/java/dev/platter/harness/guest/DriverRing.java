package dev.platter.harness.guest;

import dev.platter.harness.memory.GuestMemory;
import dev.platter.harness.memory.GuestMemoryException;
import dev.platter.harness.virtio.QueueLayout;
import dev.platter.harness.virtio.RingFeatures;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The driver's side of a split virtqueue: descriptors, available ring, event indexes.
 *
 * <p>Source: specification, "Split Virtqueues". Threads: one at a time.
 */
final class DriverRing {
  /** Entries of the indirect table that each descriptor has. */
  private static final int TABLE_ENTRIES = 64;

  private static final int DESCRIPTOR_BYTES = QueueLayout.DESCRIPTOR_BYTES;
  private static final int U16 = 0xffff;
  private static final VarHandle SHORT =
      ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final QueueLayout layout;
  private final boolean indirect;
  private final boolean eventIndex;
  private final MemorySegment descriptors;
  private final MemorySegment avail;
  private final MemorySegment used;
  private final MemorySegment tables;
  private final long tablesAddress;

  /** Free descriptors, as a stack. */
  private final int[] free;

  private int freeCount;
  private int availIndex;
  private int notifiedIndex;
  private int usedIndex;

  /**
   * An empty ring; what lay in its memory is cleared.
   *
   * @param tablesAddress {@link #tableBytes} bytes for indirect tables
   */
  DriverRing(GuestMemory memory, QueueLayout layout, long tablesAddress, long features) {
    this.layout = layout;
    this.tablesAddress = tablesAddress;
    this.indirect = (features & RingFeatures.INDIRECT_DESC) != 0;
    this.eventIndex = (features & RingFeatures.EVENT_IDX) != 0;
    try {
      descriptors = memory.slice(layout.descriptorAddress(), layout.descriptorBytes());
      avail = memory.slice(layout.availAddress(), layout.availBytes());
      used = memory.slice(layout.usedAddress(), layout.usedBytes());
      tables = memory.slice(tablesAddress, tableBytes(layout.size()));
    } catch (GuestMemoryException e) {
      throw new IllegalStateException(e); // the guest allocated them
    }
    avail.fill((byte) 0);
    used.fill((byte) 0);
    free = new int[layout.size()];
    for (int i = layout.size() - 1; i >= 0; i--) {
      free[freeCount++] = i;
    }
  }

  /** Bytes of guest memory for the indirect tables of a queue. */
  static long tableBytes(int queueSize) {
    return (long) queueSize * TABLE_ENTRIES * DESCRIPTOR_BYTES;
  }

  /** Whether there are descriptors for a chain of these buffers. */
  boolean fits(BufferList buffers) {
    return freeCount >= (usesTable(buffers) ? 1 : buffers.count());
  }

  private boolean usesTable(BufferList buffers) {
    return indirect && buffers.count() > 1 && buffers.count() <= TABLE_ENTRIES;
  }

  /** Writes a chain that {@link #fits}, makes it available, and returns its head. */
  int add(BufferList buffers) {
    int head = free[freeCount - 1];
    if (usesTable(buffers)) {
      addTable(buffers);
    } else {
      addDirect(buffers);
    }
    SHORT.set(avail, 4 + 2L * (availIndex & (layout.size() - 1)), (short) head);
    availIndex = (availIndex + 1) & U16;
    SHORT.setRelease(avail, 2L, (short) availIndex);
    return head;
  }

  private void addDirect(BufferList buffers) {
    for (int i = 0; i < buffers.count(); i++) {
      int index = free[--freeCount];
      boolean last = i == buffers.count() - 1;
      int next = last ? 0 : free[freeCount - 1];
      int flags = flags(buffers, i, last);
      describe(descriptors, index, buffers.address(i), buffers.length(i), flags, next);
    }
  }

  private void addTable(BufferList buffers) {
    int head = free[--freeCount];
    long firstEntry = (long) head * TABLE_ENTRIES;
    for (int i = 0; i < buffers.count(); i++) {
      boolean last = i == buffers.count() - 1;
      int next = last ? 0 : i + 1;
      int flags = flags(buffers, i, last);
      describe(tables, firstEntry + i, buffers.address(i), buffers.length(i), flags, next);
    }
    long address = tablesAddress + firstEntry * DESCRIPTOR_BYTES;
    int length = buffers.count() * DESCRIPTOR_BYTES;
    describe(descriptors, head, address, length, RingFeatures.DESC_INDIRECT, 0);
  }

  private static int flags(BufferList buffers, int index, boolean last) {
    return (buffers.isWritable(index) ? RingFeatures.DESC_WRITE : 0)
        | (last ? 0 : RingFeatures.DESC_NEXT);
  }

  private static void describe(
      MemorySegment table, long entry, long address, int length, int flags, int next) {
    long at = entry * DESCRIPTOR_BYTES;
    table.set(LONG, at, address);
    table.set(INT, at + 8, length);
    table.set(INT, at + 12, flags | next << 16);
  }

  /** Whether the device wants to hear of what was added since this was last asked. */
  boolean notificationWanted() {
    VarHandle.fullFence(); // the device must see avail.idx, or we its wish
    int before = notifiedIndex;
    notifiedIndex = availIndex;
    if (eventIndex) {
      int event = (short) SHORT.getOpaque(used, 4 + 8L * layout.size()) & U16;
      return RingFeatures.needEvent(event, availIndex, before);
    }
    int flags = (short) SHORT.getOpaque(used, 0L) & U16;
    return before != availIndex && (flags & RingFeatures.USED_NO_NOTIFY) == 0;
  }

  /** Whether the device has given back a chain that was not taken yet. */
  boolean hasUsed() {
    return usedIndex != ((short) SHORT.getAcquire(used, 2L) & U16);
  }

  /** The head of the next chain that was given back; there must be one. */
  int usedHead() {
    return used.get(INT, usedEntryOffset());
  }

  /** How many bytes the device says to have written for it. */
  int usedBytes() {
    return used.get(INT, usedEntryOffset() + 4);
  }

  private long usedEntryOffset() {
    return 4 + 8L * (usedIndex & (layout.size() - 1));
  }

  /** Takes it and frees its descriptors. */
  void takeUsed() {
    int index = usedHead();
    int flags;
    do {
      free[freeCount++] = index;
      int rest = descriptors.get(INT, (long) index * DESCRIPTOR_BYTES + 12);
      flags = rest & U16;
      index = rest >>> 16;
    } while ((flags & RingFeatures.DESC_NEXT) != 0);
    usedIndex = (usedIndex + 1) & U16;
  }

  /** Asks for an interrupt at the next chain given back. */
  void enableInterrupts() {
    if (eventIndex) {
      SHORT.setOpaque(avail, 4 + 2L * layout.size(), (short) usedIndex);
    } else {
      SHORT.setOpaque(avail, 0L, (short) 0);
    }
    VarHandle.fullFence(); // the device must see our wish, or we its used.idx
  }

  /** Asks for none; with event indexes, one that lies behind says it already. */
  void disableInterrupts() {
    if (!eventIndex) {
      SHORT.setOpaque(avail, 0L, (short) RingFeatures.AVAIL_NO_INTERRUPT);
    }
  }
}
