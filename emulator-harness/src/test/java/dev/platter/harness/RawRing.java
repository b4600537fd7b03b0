package dev.platter.harness;

import dev.platter.harness.memory.GuestMemory;
import dev.platter.harness.memory.GuestMemoryException;
import dev.platter.harness.virtio.QueueLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Guest memory with a queue that a test writes by hand, legal or not. */
public final class RawRing {
  public static final int NEXT = 1;
  public static final int WRITE = 2;
  public static final int INDIRECT = 4;

  /** Where the queue lies, and where buffers may. */
  public static final long RING_ADDRESS = 0x1000;

  public static final long BUFFER_ADDRESS = 0x10000;
  public static final long MEMORY_BYTES = 0x40000;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final GuestMemory memory;
  private final QueueLayout layout;
  private int availIndex;

  /** A queue of this size in one zeroed region at guest address 0. */
  public RawRing(int size) {
    this(GuestMemory.allocate(Arena.ofAuto(), MEMORY_BYTES), size);
  }

  public RawRing(GuestMemory memory, int size) {
    this.memory = memory;
    this.layout = QueueLayout.contiguous(size, RING_ADDRESS);
  }

  public GuestMemory memory() {
    return memory;
  }

  public QueueLayout layout() {
    return layout;
  }

  /** Writes a descriptor of the queue. */
  public RawRing descriptor(int index, long address, long length, int flags, int next) {
    return entry(layout.descriptorAddress(), index, address, length, flags, next);
  }

  /** Writes a descriptor of a table anywhere. */
  public RawRing entry(long table, int index, long address, long length, int flags, int next) {
    long at = table + 16L * index;
    setLong(at, address);
    setInt(at + 8, (int) length);
    setShort(at + 12, flags);
    setShort(at + 14, next);
    return this;
  }

  /** Puts a head into the available ring and publishes it. */
  public RawRing available(int head) {
    setShort(layout.availAddress() + 4 + 2L * (availIndex & (layout.size() - 1)), head);
    return moveAvailIndex(availIndex + 1);
  }

  public RawRing moveAvailIndex(int index) {
    availIndex = index & 0xffff;
    setShort(layout.availAddress() + 2, availIndex);
    return this;
  }

  public RawRing availFlags(int flags) {
    setShort(layout.availAddress(), flags);
    return this;
  }

  public RawRing usedEvent(int index) {
    setShort(layout.availAddress() + 4 + 2L * layout.size(), index);
    return this;
  }

  public int usedFlags() {
    return shortAt(layout.usedAddress());
  }

  public int usedIndex() {
    return shortAt(layout.usedAddress() + 2);
  }

  public int usedHead(int slot) {
    return intAt(layout.usedAddress() + 4 + 8L * slot);
  }

  public int usedBytes(int slot) {
    return intAt(layout.usedAddress() + 8 + 8L * slot);
  }

  public int availEvent() {
    return shortAt(layout.usedAddress() + 4 + 8L * layout.size());
  }

  public int shortAt(long address) {
    return bytes(address, 2).get(SHORT, 0) & 0xffff;
  }

  public int intAt(long address) {
    return bytes(address, 4).get(INT, 0);
  }

  public int byteAt(long address) {
    return bytes(address, 1).get(ValueLayout.JAVA_BYTE, 0) & 0xff;
  }

  public RawRing setLong(long address, long value) {
    bytes(address, 8).set(LONG, 0, value);
    return this;
  }

  public RawRing setInt(long address, int value) {
    bytes(address, 4).set(INT, 0, value);
    return this;
  }

  public RawRing setShort(long address, int value) {
    bytes(address, 2).set(SHORT, 0, (short) value);
    return this;
  }

  public RawRing setByte(long address, int value) {
    bytes(address, 1).set(ValueLayout.JAVA_BYTE, 0, (byte) value);
    return this;
  }

  public MemorySegment bytes(long address, long length) {
    try {
      return memory.slice(address, length);
    } catch (GuestMemoryException e) {
      throw new AssertionError(e);
    }
  }
}
