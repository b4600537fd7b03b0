package dev.platter.harness.guest;

import dev.platter.harness.blk.BlkConfiguration;
import dev.platter.harness.blk.VirtioBlkDevice;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The fields of a device's configuration space, as a driver reads them. Threads: any. */
record DeviceFields(VirtioBlkDevice device) {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  long capacitySectors() {
    return bytes(BlkConfiguration.CAPACITY_OFFSET, Long.BYTES).get(LONG, 0);
  }

  int logicalBlockBytes() {
    return bytes(BlkConfiguration.BLK_SIZE_OFFSET, Integer.BYTES).get(INT, 0);
  }

  int queueCount() {
    return bytes(BlkConfiguration.NUM_QUEUES_OFFSET, Short.BYTES).get(SHORT, 0) & 0xffff;
  }

  void setWriteback(boolean writeback) {
    byte[] value = {(byte) (writeback ? 1 : 0)};
    device.writeConfiguration(BlkConfiguration.WRITEBACK_OFFSET, MemorySegment.ofArray(value));
  }

  private MemorySegment bytes(int offset, int length) {
    MemorySegment bytes = MemorySegment.ofArray(new byte[length]);
    device.readConfiguration(offset, bytes);
    return bytes;
  }
}
