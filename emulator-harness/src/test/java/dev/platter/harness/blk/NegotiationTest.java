package dev.platter.harness.blk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;

import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.Preallocation;
import dev.platter.api.driver.ForwardingNode;
import dev.platter.api.error.Errno;
import dev.platter.harness.TestMachine;
import dev.platter.harness.guest.DriverOptions;
import dev.platter.harness.virtio.RingFeatures;
import dev.platter.tck.fake.FaultyNode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.Operation;
import dev.platter.tck.fake.RecordingNode;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mockito.Mockito;

class NegotiationTest {
  private static final int NEGOTIATED =
      DeviceStatus.ACKNOWLEDGE | DeviceStatus.DRIVER | DeviceStatus.FEATURES_OK;

  private final MemoryNode node = new MemoryNode("disk", (1 << 20) + 100);
  private final RawDevice raw =
      new RawDevice(node, BlkOptions.DEFAULT, RequestExecutor.inline(), mock(InterruptLine.class));

  private static ByteBuffer configuration(VirtioBlkDevice device) {
    byte[] bytes = new byte[BlkConfiguration.SIZE_BYTES];
    device.readConfiguration(0, MemorySegment.ofArray(bytes));
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Test
  void configurationSpaceHasEveryFieldInItsPlace() {
    BlockNode spied = Mockito.spy(node);
    Mockito.when(spied.limits()).thenReturn(BlockLimits.NONE.withClusterSize(65536));
    BlkOptions options =
        BlkOptions.builder()
            .queues(4, 128)
            .blockSizes(512, 4096)
            .maxSegmentBytes(65536)
            .maxDiscard(2048, 7)
            .build();

    ByteBuffer space = configuration(new VirtioBlkDevice(spied, options, RequestExecutor.inline()));

    assertThat(space.getLong(0)).as("capacity").isEqualTo(2048);
    assertThat(space.getInt(8)).as("size_max").isEqualTo(65536);
    assertThat(space.getInt(12)).as("seg_max").isEqualTo(126);
    assertThat(space.getInt(20)).as("blk_size").isEqualTo(512);
    assertThat(space.get(24)).as("physical_block_exp").isEqualTo((byte) 3);
    assertThat(space.get(25)).as("alignment_offset").isZero();
    assertThat(space.getShort(26)).as("min_io_size").isZero();
    assertThat(space.getInt(28)).as("opt_io_size").isEqualTo(128);
    assertThat(space.get(32)).as("writeback").isEqualTo((byte) 1);
    assertThat(space.getShort(34)).as("num_queues").isEqualTo((short) 4);
    assertThat(space.getInt(36)).as("max_discard_sectors").isEqualTo(2048);
    assertThat(space.getInt(40)).as("max_discard_seg").isEqualTo(7);
    assertThat(space.getInt(44)).as("discard_sector_alignment").isEqualTo(128);
    assertThat(space.getInt(48)).as("max_write_zeroes_sectors").isEqualTo(2048);
    assertThat(space.getInt(52)).as("max_write_zeroes_seg").isEqualTo(7);
    assertThat(space.get(56)).as("write_zeroes_may_unmap").isEqualTo((byte) 1);
    assertThat(space.slice(57, 39).compareTo(ByteBuffer.allocate(39))).as("the rest").isZero();
  }

  @Test
  void configurationBeyondItsEndReadsAsOnes() {
    byte[] bytes = new byte[8];

    raw.device.readConfiguration(92, MemorySegment.ofArray(bytes));
    assertThat(bytes).containsExactly(0, 0, 0, 0, -1, -1, -1, -1);
    raw.device.readConfiguration(Integer.MAX_VALUE, MemorySegment.ofArray(bytes));
    assertThat(bytes).containsOnly(-1);
  }

  @Test
  void sizeMaxAndQueuesAreOfferedOnlyWithValues() {
    assertThat(raw.device.offeredFeatures() & (BlkFeatures.SIZE_MAX | BlkFeatures.MQ)).isZero();

    BlkOptions options = BlkOptions.builder().queues(2, 64).maxSegmentBytes(4096).build();
    VirtioBlkDevice device = new VirtioBlkDevice(node, options, RequestExecutor.inline());
    long wanted = BlkFeatures.SIZE_MAX | BlkFeatures.MQ;
    assertThat(device.offeredFeatures() & wanted).isEqualTo(wanted);
  }

  @Test
  void featureThatIsNotOfferedIsNotAccepted() {
    raw.device.writeDriverFeatures(RingFeatures.VERSION_1 | 1L << 34);
    raw.device.writeStatus(NEGOTIATED);

    assertThat(raw.device.status() & DeviceStatus.FEATURES_OK).isZero();
  }

  @Test
  void legacyGuestIsNotAccepted() {
    raw.device.writeDriverFeatures(BlkFeatures.FLUSH);
    raw.device.writeStatus(NEGOTIATED);

    assertThat(raw.device.status() & DeviceStatus.FEATURES_OK).isZero();
  }

  @Test
  void featuresAreFixedOnceAccepted() {
    raw.device.writeDriverFeatures(RingFeatures.VERSION_1);
    raw.device.writeStatus(NEGOTIATED);
    raw.device.writeDriverFeatures(-1);

    assertThat(raw.device.driverFeatures()).isEqualTo(RingFeatures.VERSION_1);
  }

  @Test
  void nothingIsServedBeforeTheDriverIsReady() {
    raw.device.configureQueue(0, raw.ring.layout());
    raw.availableRead(0).kick();
    assertThat(raw.ring.usedIndex()).isZero();

    raw.device.writeStatus(DeviceStatus.DRIVER_OK); // without features
    raw.kick();
    assertThat(raw.ring.usedIndex()).isZero();
  }

  @Test
  void requestsMadeAvailableBeforeTheStartNeedNoNotification() {
    raw.availableRead(0).start(0);

    assertThat(raw.ring.usedIndex()).isEqualTo(1);
  }

  @Test
  void notificationOfAQueueThatIsNotThereIsIgnored() {
    raw.start(0);
    raw.device.notifyQueue(-1);
    raw.device.notifyQueue(1);
    raw.device.notifyQueue(65535);

    assertThat(raw.needsReset()).isFalse();
  }

  @Test
  void onlyWritebackCanBeWrittenAndOnlyIfNegotiated() {
    MemorySegment zero = MemorySegment.ofArray(new byte[1]);
    raw.start(0);
    raw.device.writeConfiguration(BlkConfiguration.WRITEBACK_OFFSET, zero);
    assertThat(configuration(raw.device).get(32)).isEqualTo((byte) 1);

    raw.device.writeStatus(0);
    raw.start(BlkFeatures.CONFIG_WCE | BlkFeatures.FLUSH);
    raw.device.writeConfiguration(BlkConfiguration.CAPACITY_OFFSET, zero);
    raw.device.writeConfiguration(
        BlkConfiguration.WRITEBACK_OFFSET, MemorySegment.ofArray(new byte[4]));
    assertThat(configuration(raw.device).getLong(0)).isEqualTo(2048);
    assertThat(configuration(raw.device).get(32)).isEqualTo((byte) 1);
    raw.device.writeConfiguration(BlkConfiguration.WRITEBACK_OFFSET, zero);
    assertThat(configuration(raw.device).get(32)).isZero();

    raw.device.writeStatus(0);
    assertThat(configuration(raw.device).get(32)).as("after a reset").isEqualTo((byte) 1);
  }

  @Test
  void writeCacheIsOffForADriverThatCannotFlush() {
    raw.start(BlkFeatures.CONFIG_WCE);
    assertThat(configuration(raw.device).get(32)).isZero();

    raw.device.writeStatus(0);
    raw.start(BlkFeatures.CONFIG_WCE | BlkFeatures.FLUSH);
    assertThat(configuration(raw.device).get(32)).isEqualTo((byte) 1);
  }

  @Test
  void writeCacheStaysOnIfWhatItHoldsCannotBeMadeDurable() throws Exception {
    FaultyNode faulty = new FaultyNode(node);
    RecordingNode log = new RecordingNode(faulty);
    try (TestMachine machine = TestMachine.of(log)) {
      faulty.failNth(FaultyNode.Kind.FLUSH, 1, Errno.EIO);
      machine.driver().setWriteback(false);
      assertThat(configuration(machine.device()).get(32)).isEqualTo((byte) 1);
      machine.driver().write(0, new byte[512]);
      assertThat(log.count(Operation.Flush.class)).isZero();

      machine.driver().setWriteback(false);
      assertThat(configuration(machine.device()).get(32)).isZero();
    }
  }

  @Test
  @Timeout(60)
  void resetDuringTheSwitchOfTheWriteCacheHasTheLastWord() {
    List<RawDevice> devices = new ArrayList<>();
    BlockNode resetting =
        new ForwardingNode("resetting", node) {
          @Override
          public void flush() {
            Thread other = Thread.ofVirtual().start(() -> devices.getFirst().device.writeStatus(0));
            try {
              other.join();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          }
        };
    RawDevice device =
        new RawDevice(
            resetting, BlkOptions.DEFAULT, RequestExecutor.inline(), mock(InterruptLine.class));
    devices.add(device);
    device.start(BlkFeatures.CONFIG_WCE | BlkFeatures.FLUSH);

    MemorySegment zero = MemorySegment.ofArray(new byte[1]);
    device.device.writeConfiguration(BlkConfiguration.WRITEBACK_OFFSET, zero);
    assertThat(configuration(device.device).get(32)).isEqualTo((byte) 1);
    assertThat(device.device.status()).isZero();
  }

  @Test
  void newCapacityIsAnnounced() throws Exception {
    InterruptLine line = mock(InterruptLine.class);
    VirtioBlkDevice device =
        new VirtioBlkDevice(node, BlkOptions.DEFAULT, RequestExecutor.inline());
    device.plug(raw.ring.memory(), line);
    int before = device.configurationGeneration();

    node.resize(4096, Preallocation.OFF);
    device.capacityChanged();

    assertThat(configuration(device).getLong(0)).isEqualTo(8);
    assertThat(device.configurationGeneration()).isNotEqualTo(before);
    verify(line).configurationChanged();
  }

  @Test
  void driverUsesTheQueuesThereAre() throws Exception {
    BlkOptions options = BlkOptions.builder().queues(3, 64).build();
    try (TestMachine machine = TestMachine.of(node, options, DriverOptions.DEFAULT)) {
      assertThat(machine.driver().queueCount()).isEqualTo(3);
    }
    DriverOptions single = DriverOptions.DEFAULT.without(BlkFeatures.MQ);
    try (TestMachine machine = TestMachine.of(node, options, single)) {
      assertThat(machine.driver().queueCount()).isEqualTo(1);
      assertThat(machine.driver().read(0, 512)).containsOnly(0);
    }
  }

  @Test
  void deviceIsPluggedIntoOneMachine() {
    assertThatThrownBy(() -> raw.device.plug(raw.ring.memory(), mock(InterruptLine.class)))
        .isInstanceOf(IllegalStateException.class);
    raw.device.unplug();
    raw.device.plug(raw.ring.memory(), mock(InterruptLine.class));
    assertThat(raw.device.status()).isZero();
  }

  @Test
  void serialLongerThanTwentyBytesIsRefused() {
    BlkOptions.Builder builder = BlkOptions.builder().serial("123456789012345678901");

    assertThatThrownBy(builder::build).hasMessageContaining("longer than 20 bytes");
  }
}
