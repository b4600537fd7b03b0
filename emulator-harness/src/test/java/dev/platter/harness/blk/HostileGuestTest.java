package dev.platter.harness.blk;

import static dev.platter.harness.RawRing.BUFFER_ADDRESS;
import static dev.platter.harness.RawRing.NEXT;
import static dev.platter.harness.RawRing.WRITE;
import static dev.platter.harness.blk.RawDevice.DATA;
import static dev.platter.harness.blk.RawDevice.HEADER;
import static dev.platter.harness.blk.RawDevice.STATUS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;

import dev.platter.harness.RawRing;
import dev.platter.harness.memory.GuestMemory;
import dev.platter.harness.virtio.QueueLayout;
import dev.platter.tck.Seeds;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.RecordingNode;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;

/** What breaks a device, and that nothing but a reset mends it. */
class HostileGuestTest {
  private final RecordingNode node = new RecordingNode(new MemoryNode("disk", 1 << 20));
  private final InterruptLine line = mock(InterruptLine.class);
  private final AccessListener listener = mock(AccessListener.class);
  private final RawDevice raw =
      new RawDevice(
          new RawRing(RawDevice.SIZE),
          node,
          BlkOptions.DEFAULT,
          RequestExecutor.inline(),
          line,
          listener);

  private static Arguments lie(String name, String message, Consumer<RawDevice> lie) {
    return Arguments.of(name, message, lie);
  }

  static final List<Arguments> UNANSWERABLE =
      List.of(
          lie("head beyond the queue", "Guest says index 8 is available", r -> r.ring.available(8)),
          lie(
              "no status",
              "virtio-blk missing headers",
              r -> r.ring.descriptor(0, HEADER, 16, 0, 0).available(0)),
          lie(
              "no header",
              "virtio-blk missing headers",
              r -> r.ring.descriptor(0, STATUS, 1, WRITE, 0).available(0)),
          lie(
              "header of 15 bytes",
              "virtio-blk request outhdr too short",
              r ->
                  r.ring
                      .descriptor(0, HEADER, 15, NEXT, 1)
                      .descriptor(1, STATUS, 1, WRITE, 0)
                      .available(0)),
          lie( // so no status is too short for its byte
              "status of no bytes",
              "virtio: zero sized buffers are not allowed",
              r ->
                  r.ring
                      .descriptor(0, HEADER, 16, NEXT, 1)
                      .descriptor(1, STATUS, 0, WRITE, 0)
                      .available(0)),
          lie(
              "status of no bytes behind data",
              "virtio: zero sized buffers are not allowed",
              r ->
                  r.ring
                      .descriptor(0, HEADER, 16, NEXT, 1)
                      .descriptor(1, DATA, 512, WRITE | NEXT, 2)
                      .descriptor(2, STATUS, 0, WRITE, 0)
                      .available(0)),
          lie(
              "discard without a range",
              "virtio-blk discard/write_zeroes header too short",
              r ->
                  r.header(VirtioBlkRequest.TYPE_DISCARD, 0)
                      .ring
                      .descriptor(0, HEADER, 16, NEXT, 1)
                      .descriptor(1, STATUS, 1, WRITE, 0)
                      .available(0)),
          lie(
              "half a range",
              "virtio-blk discard/write_zeroes header too short",
              r ->
                  r.header(VirtioBlkRequest.TYPE_WRITE_ZEROES, 0)
                      .ring
                      .descriptor(0, HEADER, 24, NEXT, 1)
                      .descriptor(1, STATUS, 1, WRITE, 0)
                      .available(0)));

  @ParameterizedTest(name = "{0}")
  @FieldSource("UNANSWERABLE")
  void unanswerableRequestBreaksTheDevice(String name, String message, Consumer<RawDevice> lie) {
    raw.start(BlkFeatures.DISCARD | BlkFeatures.WRITE_ZEROES);
    lie.accept(raw);

    raw.kick();

    assertThat(raw.needsReset()).isTrue();
    verify(listener).broken(message);
    verify(line).configurationChanged();
    verify(line, never()).queueInterrupt(anyInt());
    assertThat(raw.ring.usedIndex()).isZero();
  }

  @Test
  void brokenDeviceServesNothingUntilItIsReset() {
    raw.start(0);
    raw.ring.available(8);
    raw.kick();

    raw.ring.moveAvailIndex(0);
    raw.availableRead(0).kick();
    assertThat(raw.ring.usedIndex()).isZero();
    assertThat(node.log()).isEmpty();

    raw.device.writeStatus(0);
    raw.ring.moveAvailIndex(0);
    raw.start(0).availableRead(0).kick();
    assertThat(raw.needsReset()).isFalse();
    assertThat(raw.ring.byteAt(STATUS)).isZero();
  }

  @Test
  void ringThatIsNoneBreaksTheDeviceAtItsStart() {
    int status = DeviceStatus.ACKNOWLEDGE | DeviceStatus.DRIVER;
    raw.device.writeDriverFeatures(1L << 32);
    raw.device.writeStatus(status | DeviceStatus.FEATURES_OK);
    raw.device.configureQueue(0, new QueueLayout(8, RawRing.MEMORY_BYTES, 0, 0));
    raw.device.writeStatus(status | DeviceStatus.FEATURES_OK | DeviceStatus.DRIVER_OK);

    assertThat(raw.needsReset()).isTrue();
    raw.kick();
  }

  @Test
  void queueLargerThanOfferedBreaksTheDevice() {
    RawRing large = new RawRing(512);
    RawDevice device =
        new RawDevice(
            large, node, BlkOptions.DEFAULT, RequestExecutor.inline(), line, AccessListener.NONE);

    assertThat(device.start(0).needsReset()).isTrue();
  }

  @Test
  void dataThatOverwritesTheRingBreaksNothingButTheDevice() {
    raw.start(0);
    raw.header(VirtioBlkRequest.TYPE_IN, 0);
    raw.ring
        .descriptor(0, HEADER, 16, NEXT, 1)
        .descriptor(1, raw.ring.layout().descriptorAddress(), 512, NEXT | WRITE, 2)
        .descriptor(2, STATUS, 1, WRITE, 0)
        .available(0);

    raw.kick(); // zeros go over all three parts of the ring, avail.idx among them

    assertThat(raw.ring.byteAt(STATUS)).isZero();
    verify(listener).broken("Guest moved used index from 1 to 0");
  }

  @Test
  void sameBufferManyTimesIsBounded() {
    raw.start(1L << 28);
    raw.header(VirtioBlkRequest.TYPE_IN, 0);
    long table = 0x20000;
    raw.ring.entry(table, 0, HEADER, 16, NEXT, 1);
    for (int i = 1; i < 1023; i++) {
      raw.ring.entry(table, i, DATA, 0x10000, NEXT | WRITE, i + 1);
    }
    raw.ring
        .entry(table, 1023, STATUS, 1, WRITE, 0)
        .descriptor(0, table, 16 * 1024, RawRing.INDIRECT, 0)
        .available(0);

    raw.kick();

    assertThat(raw.ring.byteAt(STATUS)).isEqualTo(BlkStatus.IOERR.code());
    assertThat(node.log()).isEmpty();
  }

  @Test
  void randomRingsNeverLeaveTheRulesOfTheDevice() {
    Seeds.run(
        random -> {
          GuestMemory memory = raw.ring.memory();
          for (int i = 0; i < 2_000; i++) {
            memory.regions().getFirst().memory().fill((byte) 0);
            RawDevice device =
                new RawDevice(
                    new RawRing(memory, RawDevice.SIZE),
                    node,
                    BlkOptions.DEFAULT,
                    RequestExecutor.inline(),
                    new SilentLine(),
                    AccessListener.NONE);
            scribble(random, device);
            device.start(device.device.offeredFeatures()).kick();
            int heads = device.ring.shortAt(device.ring.layout().availAddress() + 2);
            if (device.needsReset()) {
              assertThat(device.ring.usedIndex()).isLessThan(heads);
            } else {
              assertThat(device.ring.usedIndex()).isEqualTo(heads);
            }
            device.device.close();
          }
        });
  }

  private static void scribble(RandomGenerator random, RawDevice raw) {
    for (int i = 0; i < RawDevice.SIZE; i++) {
      long address =
          random.nextInt(8) == 0 ? random.nextLong() : BUFFER_ADDRESS + random.nextInt(0x1000);
      long length = random.nextInt(8) == 0 ? random.nextInt() : random.nextInt(64);
      raw.ring.descriptor(i, address, length, random.nextInt(8), random.nextInt(9));
    }
    for (int i = 0; i < 0x1000; i += 8) {
      raw.ring.setLong(BUFFER_ADDRESS + i, random.nextLong() & 0x0d05);
    }
    int heads = 1 + random.nextInt(RawDevice.SIZE);
    for (int i = 0; i < heads; i++) {
      raw.ring.available(random.nextInt(9));
    }
  }

  /** A mock would remember every one of its calls. */
  private record SilentLine() implements InterruptLine {
    @Override
    public void queueInterrupt(int queueIndex) {}

    @Override
    public void configurationChanged() {}
  }
}
