package dev.platter.harness.virtio;

import dev.platter.harness.memory.GuestMemory;
import dev.platter.harness.memory.GuestMemoryException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The device's side of a split virtqueue.
 *
 * <p>The guest writes descriptors and the available ring, the device writes the used ring; both run
 * at once and neither trusts the other.
 *
 * <ul>
 *   <li>I1. Every descriptor is read once, into a {@link DescriptorChain}; the copy is validated
 *       and only the copy is used.
 *   <li>I2. An index is compared with the queue's size, or that of the indirect table, before it is
 *       used; a walk takes no more steps than the table has entries.
 *   <li>I3. Ring entries are read after an acquiring load of {@code avail.idx}, and {@code
 *       used.idx} is stored with release after the entry that it publishes and all data before.
 *   <li>I4. Between publishing an index and looking at what the other side wants there is a full
 *       fence: otherwise each could miss the other's last step.
 *   <li>I5. No more chains are out than the queue has descriptors.
 * </ul>
 *
 * <p>After an exception the queue must not be used again. Threads: one at a time; the caller locks.
 */
public final class Virtqueue {
  private static final VarHandle SHORT =
      ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
  private static final VarHandle INT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
  private static final int U16 = 0xffff;
  private static final int FLAGS_OFFSET = 0;
  private static final int INDEX_OFFSET = 2;

  private final GuestMemory memory;
  private final QueueLayout layout;
  private final MemorySegment avail;
  private final MemorySegment used;
  private final boolean indirect;
  private final boolean eventIndex;

  /** Where the next chain stands in the available ring; free-running, 16 bits. */
  private int nextAvail;

  /** The {@code avail.idx} last read; chains before it may be popped without looking again. */
  private int seenAvail;

  private int usedIndex;
  private int inFlight;

  /** The {@code used.idx} up to which the driver's wish was evaluated. */
  private int evaluatedUsed;

  /**
   * A queue that the guest has set up and that starts empty, with all indexes at 0.
   *
   * @param features what was negotiated; {@link RingFeatures#INDIRECT_DESC} and {@link
   *     RingFeatures#EVENT_IDX} are looked at
   * @throws VirtqueueException if the layout breaks a rule or does not lie in guest memory
   */
  public Virtqueue(GuestMemory memory, QueueLayout layout, long features)
      throws VirtqueueException {
    layout.validate();
    this.memory = memory;
    this.layout = layout;
    part(memory, "descriptor table", layout.descriptorAddress(), layout.descriptorBytes());
    this.avail = part(memory, "available ring", layout.availAddress(), layout.availBytes());
    this.used = part(memory, "used ring", layout.usedAddress(), layout.usedBytes());
    this.indirect = (features & RingFeatures.INDIRECT_DESC) != 0;
    this.eventIndex = (features & RingFeatures.EVENT_IDX) != 0;
  }

  private static MemorySegment part(GuestMemory memory, String name, long address, long length)
      throws VirtqueueException {
    try {
      return memory.slice(address, length);
    } catch (GuestMemoryException e) {
      throw new VirtqueueException("Cannot map the " + name + ": " + e.getMessage(), e);
    }
  }

  /** The number of descriptors. */
  public int size() {
    return layout.size();
  }

  /** How many chains have been popped and not pushed. */
  public int inFlight() {
    return inFlight;
  }

  /**
   * Takes the next chain that the guest made available.
   *
   * @param into overwritten with the chain
   * @return whether there was one; {@code into} is untouched if not
   * @throws VirtqueueException if the guest broke a rule
   */
  public boolean pop(DescriptorChain into) throws VirtqueueException {
    if (nextAvail == seenAvail && !lookForMore()) {
      return false;
    }
    if (inFlight >= layout.size()) { // I5
      throw new VirtqueueException("Virtqueue size exceeded");
    }
    int slot = nextAvail & (layout.size() - 1);
    int head = (short) SHORT.get(avail, QueueLayout.RING_OFFSET + 2L * slot) & U16;
    if (head >= layout.size()) { // I2
      throw new VirtqueueException("Guest says index %d is available".formatted(head));
    }
    into.begin(head);
    try {
      walk(into, head);
    } catch (GuestMemoryException e) {
      throw new VirtqueueException("Cannot map indirect buffer: " + e.getMessage(), e);
    }
    nextAvail = (nextAvail + 1) & U16;
    inFlight++;
    return true;
  }

  private boolean lookForMore() throws VirtqueueException {
    seenAvail = (short) SHORT.getAcquire(avail, (long) INDEX_OFFSET) & U16; // I3
    int heads = (seenAvail - nextAvail) & U16;
    if (heads > layout.size()) {
      throw new VirtqueueException(
          "Guest moved used index from %d to %d".formatted(nextAvail, seenAvail));
    }
    return heads > 0;
  }

  private void walk(DescriptorChain into, int head)
      throws VirtqueueException, GuestMemoryException {
    long table = layout.descriptorAddress();
    long entryCount = layout.size();
    long index = head;
    boolean inTable = false;
    for (long step = 0; step < entryCount; step++) { // I2
      long address = memory.readLong(table + index * QueueLayout.DESCRIPTOR_BYTES); // I1
      long rest = memory.readLong(table + index * QueueLayout.DESCRIPTOR_BYTES + Long.BYTES);
      long length = rest & 0xffff_ffffL;
      int flags = (int) (rest >>> 32) & U16;
      int next = (int) (rest >>> 48);
      if ((flags & RingFeatures.DESC_INDIRECT) != 0) {
        checkIndirect(flags, inTable, address, length);
        inTable = true;
        table = address;
        entryCount = length / QueueLayout.DESCRIPTOR_BYTES;
        index = 0;
        step = -1;
        continue;
      }
      into.add(address, length, (flags & RingFeatures.DESC_WRITE) != 0);
      if ((flags & RingFeatures.DESC_NEXT) == 0) {
        return;
      }
      if (next >= entryCount) { // I2
        throw new VirtqueueException("Desc next is %d".formatted(next));
      }
      index = next;
    }
    throw new VirtqueueException("Looped descriptor");
  }

  private void checkIndirect(int flags, boolean inTable, long address, long length)
      throws VirtqueueException, GuestMemoryException {
    if (!indirect) {
      throw new VirtqueueException("Indirect descriptor although the feature is not negotiated");
    }
    if (inTable) {
      throw new VirtqueueException("Indirect descriptor inside an indirect table");
    }
    if ((flags & RingFeatures.DESC_NEXT) != 0) {
      throw new VirtqueueException("Indirect descriptor with a next descriptor");
    }
    if (length == 0 || length % QueueLayout.DESCRIPTOR_BYTES != 0) {
      throw new VirtqueueException("Invalid size for indirect buffer table: %d".formatted(length));
    }
    if (!memory.contains(address, length)) {
      throw new GuestMemoryException(address, length);
    }
  }

  /**
   * Gives a chain back to the guest.
   *
   * @param headIndex {@link DescriptorChain#headIndex()} of a chain popped and not yet pushed
   * @param writtenBytes how many bytes the device wrote, counted from the front of what it may
   *     write without a gap; an unsigned 32-bit number
   */
  public void push(int headIndex, int writtenBytes) {
    if (inFlight == 0) {
      throw new IllegalStateException("no chain is out");
    }
    long entry = QueueLayout.RING_OFFSET + 8L * (usedIndex & (layout.size() - 1));
    INT.set(used, entry, headIndex);
    INT.set(used, entry + 4, writtenBytes);
    usedIndex = (usedIndex + 1) & U16;
    inFlight--;
    SHORT.setRelease(used, (long) INDEX_OFFSET, (short) usedIndex); // I3
  }

  /**
   * Whether the driver wants an interrupt for the chains pushed since this was last asked. To be
   * asked after every push, or after every batch of pushes.
   */
  public boolean interruptWanted() {
    VarHandle.fullFence(); // I4
    int before = evaluatedUsed;
    evaluatedUsed = usedIndex;
    if (eventIndex) {
      int event = (short) SHORT.getOpaque(avail, layout.usedEventOffset()) & U16;
      return RingFeatures.needEvent(event, usedIndex, before);
    }
    int flags = (short) SHORT.getOpaque(avail, (long) FLAGS_OFFSET) & U16;
    return before != usedIndex && (flags & RingFeatures.AVAIL_NO_INTERRUPT) == 0;
  }

  /** Tells the driver that it need not notify: the device is looking anyway. */
  public void disableNotifications() {
    if (!eventIndex) { // with event indexes, an avail_event that lies behind says it already
      SHORT.setOpaque(used, (long) FLAGS_OFFSET, (short) RingFeatures.USED_NO_NOTIFY);
    }
  }

  /**
   * Asks the driver to notify of the next chain.
   *
   * @return whether chains are there already, for which no notification may come
   */
  public boolean enableNotifications() {
    if (eventIndex) {
      SHORT.setOpaque(used, layout.availEventOffset(), (short) nextAvail);
    } else {
      SHORT.setOpaque(used, (long) FLAGS_OFFSET, (short) 0);
    }
    VarHandle.fullFence(); // I4
    return nextAvail != ((short) SHORT.getAcquire(avail, (long) INDEX_OFFSET) & U16);
  }
}
