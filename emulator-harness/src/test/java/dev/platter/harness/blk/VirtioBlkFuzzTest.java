package dev.platter.harness.blk;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.platter.harness.RawRing;
import dev.platter.harness.memory.GuestMemory;
import dev.platter.tck.HostileCalls;
import dev.platter.tck.fake.MemoryNode;
import java.lang.foreign.Arena;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * A guest whose every move an input says: a byte that chooses the move, then what it takes. The
 * rings, the descriptors and the requests lie in guest memory, where the guest may write at any
 * time, also behind the device's back.
 */
class VirtioBlkFuzzTest {
  private static final int MOST_MOVES = 64;
  private static final long DISK_BYTES = 1 << 20;
  private static final long INDIRECT_TABLE = 0x20000;
  private static final int[] LENGTHS = {0, 1, 15, 16, 32, 512, 4096, 0x10000, -1, 0x7fff_fff0};

  private final GuestMemory memory = GuestMemory.allocate(Arena.global(), RawRing.MEMORY_BYTES);

  @FuzzTest
  void serve(byte[] input) {
    HostileCalls.survive(() -> play(ByteBuffer.wrap(input)));
  }

  private void play(ByteBuffer input) {
    memory.regions().getFirst().memory().fill((byte) 0);
    RawDevice raw =
        new RawDevice(
            new RawRing(memory, RawDevice.SIZE),
            new MemoryNode("disk", DISK_BYTES),
            BlkOptions.DEFAULT,
            RequestExecutor.inline(),
            new SilentLine(),
            AccessListener.NONE);
    try {
      for (int i = 0; i < MOST_MOVES && input.hasRemaining(); i++) {
        move(raw, input);
      }
    } catch (BufferUnderflowException e) {
      input.position(input.limit());
    }
    raw.kick();
    raw.device.close();
    assertThat(raw.needsReset()).as("a reset mends everything").isFalse();
  }

  private static void move(RawDevice raw, ByteBuffer input) {
    RawRing ring = raw.ring;
    int choice = input.get() & 0xff;
    switch (choice & 0xf) {
      case 0 -> raw.start(raw.device.offeredFeatures());
      case 1 -> raw.start(input.getLong());
      case 2 -> raw.kick();
      case 3 -> ring.available(choice >> 4);
      case 4 -> ring.moveAvailIndex(input.getShort() & 0xffff);
      case 5, 6 ->
          ring.descriptor(
              choice >> 4, address(input), length(input), input.get() & 7, input.get() & 0xf);
      case 7 ->
          ring.entry(
              INDIRECT_TABLE,
              choice >> 4,
              address(input),
              length(input),
              input.get() & 7,
              input.get() & 0x1f);
      case 8 ->
          ring.descriptor(
              choice >> 4, input.getLong(), input.getInt(), input.getShort(), input.getShort());
      case 9 -> ring.setLong(address(input) & ~7L, input.getLong());
      case 10 -> raw.header(input.get() & 0xf, input.getShort());
      case 11 -> raw.header(input.getInt(), input.getLong());
      case 12 -> raw.device.writeStatus(input.get() & 0xff);
      case 13 -> ring.usedEvent(input.getShort() & 0xffff).availFlags(choice >> 4);
      case 14 -> raw.device.resume();
      default -> raw.availableRead(input.getShort()).kick();
    }
  }

  /** An address in one of the places that matter. */
  private static long address(ByteBuffer input) {
    int choice = input.get() & 0xff;
    long place =
        switch (choice & 7) {
          case 0, 1 -> RawDevice.HEADER;
          case 2 -> RawDevice.STATUS;
          case 3 -> RawDevice.DATA;
          case 4 -> INDIRECT_TABLE;
          case 5 -> RawRing.RING_ADDRESS;
          case 6 -> RawRing.MEMORY_BYTES - 256;
          default -> 0;
        };
    return place + (choice >> 3) * 8L;
  }

  private static long length(ByteBuffer input) {
    int choice = input.get() & 0xff;
    return choice < LENGTHS.length ? LENGTHS[choice] : choice * 16L;
  }

  private record SilentLine() implements InterruptLine {
    @Override
    public void queueInterrupt(int queueIndex) {}

    @Override
    public void configurationChanged() {}
  }
}
