package dev.platter.harness.blk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.ZeroMode;
import dev.platter.harness.TestMachine;
import dev.platter.harness.guest.DriverOptions;
import dev.platter.harness.guest.DriverQueue;
import dev.platter.harness.guest.GuestIoException;
import dev.platter.harness.guest.GuestRequest;
import dev.platter.tck.Seeds;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.Operation;
import dev.platter.tck.fake.RecordingNode;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;

/** Every request with its status, its effect on the disk, and what the used ring says. */
class DeviceRequestsTest {
  private static final int SECTORS = 2048;
  private static final BlkOptions OPTIONS =
      BlkOptions.builder().serial("platter-0").maxDiscard(1024, 2).build();

  private final MemoryNode memory = new MemoryNode("disk", SECTORS * 512L);
  private final RecordingNode node = new RecordingNode(memory);
  private TestMachine machine;

  @BeforeEach
  void boot() throws Exception {
    machine = TestMachine.of(node, OPTIONS, DriverOptions.DEFAULT);
  }

  @AfterEach
  void powerOff() {
    machine.close();
  }

  private BlkStatus submit(GuestRequest request) throws GuestIoException {
    DriverQueue queue = machine.driver().queue(0);
    assertThat(queue.offer(request)).isTrue();
    queue.kick();
    queue.await(DriverOptions.DEFAULT.timeout());
    assertThat(queue.reap(done -> assertThat(done).isSameAs(request))).isEqualTo(1);
    return request.status();
  }

  private GuestRequest request() {
    return machine.driver().newRequest(4096);
  }

  @Test
  void writtenBytesAreReadBack() throws Exception {
    byte[] bytes = Seeds.bytes(new SplittableRandom(1), 600 * 1024);

    machine.driver().write(512, bytes);

    assertThat(machine.driver().read(512, bytes.length)).isEqualTo(bytes);
    assertThat(machine.driver().read(0, 512)).containsOnly(0);
  }

  @Test
  void readReportsDataAndStatusAsWritten() throws Exception {
    GuestRequest request = request().read(0, 1024);

    assertThat(submit(request)).isEqualTo(BlkStatus.OK);
    assertThat(request.usedBytes()).isEqualTo(1025);
  }

  @Test
  void writeReportsTheStatusAlone() throws Exception {
    GuestRequest request = request().write(0, 1024);

    assertThat(submit(request)).isEqualTo(BlkStatus.OK);
    assertThat(request.usedBytes()).isEqualTo(1);
  }

  @Test
  void failedReadClaimsNoData() throws Exception {
    GuestRequest request = request().read(SECTORS, 512);

    assertThat(submit(request)).isEqualTo(BlkStatus.IOERR);
    assertThat(request.usedBytes()).isZero();
  }

  @Test
  void serialIsAtMostTwentyBytesPaddedWithZeros() throws Exception {
    assertThat(machine.driver().serial()).isEqualTo("platter-0");

    GuestRequest shorter = request().prepare(VirtioBlkRequest.TYPE_GET_ID, 0, 4);
    assertThat(submit(shorter)).isEqualTo(BlkStatus.OK);
    assertThat(shorter.data().toArray(ValueLayout.JAVA_BYTE)).asString().isEqualTo("plat");
    assertThat(shorter.usedBytes()).isEqualTo(5);

    GuestRequest longer = request().prepare(VirtioBlkRequest.TYPE_GET_ID, 0, 64);
    longer.buffer().fill((byte) 9);
    longer.prepare(VirtioBlkRequest.TYPE_GET_ID, 0, 64);
    assertThat(submit(longer)).isEqualTo(BlkStatus.OK);
    assertThat(longer.usedBytes()).isEqualTo(20);
    assertThat(longer.data().get(ValueLayout.JAVA_BYTE, 19)).isZero();
    assertThat(longer.data().get(ValueLayout.JAVA_BYTE, 20)).isEqualTo((byte) 9);
  }

  @Test
  void flushReachesTheDisk() throws Exception {
    machine.driver().flush();

    assertThat(node.log()).containsExactly(new Operation.Flush());
  }

  @Test
  void zeroWriteHonoursTheUnmapFlag() throws Exception {
    machine.driver().writeZeroes(4096, 8192, true);
    machine.driver().writeZeroes(0, 512, false);

    assertThat(node.log())
        .containsExactly(
            new Operation.WriteZeroes(4096, 8192, ZeroMode.MAY_UNMAP),
            new Operation.WriteZeroes(0, 512, ZeroMode.KEEP_ALLOCATED));
  }

  @Test
  void discardReachesTheDisk() throws Exception {
    machine.driver().discard(4096, 8192);

    assertThat(node.log()).containsExactly(new Operation.Discard(4096, 8192));
  }

  @Test
  void severalRangesAreDiscardedByOneRequest() throws Exception {
    GuestRequest request = request();
    request.discard(8, 8);
    request.buffer().asSlice(16, 16).copyFrom(request.buffer().asSlice(0, 16));
    request.buffer().set(ValueLayout.JAVA_BYTE, 16, (byte) 64);
    request.prepare(VirtioBlkRequest.TYPE_DISCARD, 0, 32);

    assertThat(submit(request)).isEqualTo(BlkStatus.OK);
    assertThat(node.log())
        .containsExactly(new Operation.Discard(4096, 4096), new Operation.Discard(32768, 4096));
  }

  interface Bad {
    GuestRequest prepare(GuestRequest request);
  }

  private static Arguments bad(String name, BlkStatus status, Bad request) {
    return Arguments.of(name, status, request);
  }

  static final List<Arguments> BAD_REQUESTS =
      List.of(
          bad("read past the end", BlkStatus.IOERR, r -> r.read(SECTORS - 1, 1024)),
          bad("read at 2^63", BlkStatus.IOERR, r -> r.read(Long.MIN_VALUE, 512)),
          bad("read at 2^64 - 1", BlkStatus.IOERR, r -> r.read(-1, 512)),
          bad("sector that overflows in bytes", BlkStatus.IOERR, r -> r.read(1L << 55, 512)),
          bad("read of part of a sector", BlkStatus.IOERR, r -> r.read(0, 513)),
          bad("write past the end", BlkStatus.IOERR, r -> r.write(SECTORS, 512)),
          bad("write of part of a sector", BlkStatus.IOERR, r -> r.write(0, 100)),
          bad("discard past the end", BlkStatus.IOERR, r -> r.discard(SECTORS - 1, 2)),
          bad("discard of too many sectors", BlkStatus.IOERR, r -> r.discard(0, 1025)),
          bad("discard of 2^32 - 1 sectors", BlkStatus.IOERR, r -> r.discard(0, -1)),
          bad("zeroes past the end", BlkStatus.IOERR, r -> r.writeZeroes(-2, 4, false)),
          bad("discard with a flag", BlkStatus.UNSUPP, r -> flags(r.discard(0, 8), 1)),
          bad(
              "zeroes with a reserved flag",
              BlkStatus.UNSUPP,
              r -> flags(r.writeZeroes(0, 8, true), 3)),
          bad(
              "too many ranges",
              BlkStatus.IOERR,
              r -> r.discard(0, 8).prepare(VirtioBlkRequest.TYPE_DISCARD, 0, 48)),
          bad("type unknown", BlkStatus.UNSUPP, r -> r.prepare(77, 0, 512)),
          bad("secure erase", BlkStatus.UNSUPP, r -> r.prepare(14, 0, 16)),
          bad("SCSI command of old", BlkStatus.UNSUPP, r -> r.prepare(2, 0, 512)),
          bad("type with a high bit", BlkStatus.UNSUPP, r -> r.prepare(0x8000_0001, 0, 512)));

  private static GuestRequest flags(GuestRequest request, int flags) {
    request.buffer().set(ValueLayout.JAVA_BYTE, 12, (byte) flags);
    return request;
  }

  @ParameterizedTest(name = "{0}")
  @FieldSource("BAD_REQUESTS")
  void badRequestIsAnsweredAndChangesNothing(String name, BlkStatus status, Bad bad)
      throws Exception {
    assertThat(submit(bad.prepare(request()))).isEqualTo(status);
    assertThat(node.log()).isEmpty();
    assertThat(machine.driver().read(0, 512)).containsOnly(0);
  }

  @Test
  void requestWithoutDataDoesNothing() throws Exception {
    assertThat(submit(request().read(SECTORS, 0))).isEqualTo(BlkStatus.OK);
    assertThat(submit(request().write(0, 0))).isEqualTo(BlkStatus.OK);
  }

  @Test
  void requestsMustCoverLogicalBlocks() throws Exception {
    BlkOptions options = BlkOptions.builder().blockSizes(4096, 4096).build();
    try (TestMachine big = TestMachine.of(node, options, DriverOptions.DEFAULT)) {
      assertThat(big.driver().logicalBlockBytes()).isEqualTo(4096);
      assertThat(big.driver().read(4096, 4096)).containsOnly(0);
      assertThatThrownBy(() -> big.driver().read(512, 4096)).hasMessageEndingWith("IOERR");
      assertThatThrownBy(() -> big.driver().read(0, 512)).hasMessageEndingWith("IOERR");
    }
  }

  @Test
  void readOnlyDiskRefusesEveryChange() throws Exception {
    try (TestMachine readOnly = TestMachine.of(memory.reopenReadOnly())) {
      assertThat(readOnly.driver().has(BlkFeatures.RO)).isTrue();
      assertThat(readOnly.driver().has(BlkFeatures.DISCARD)).isFalse();
      assertThat(readOnly.driver().read(0, 512)).containsOnly(0);
      assertThatThrownBy(() -> readOnly.driver().write(0, new byte[512]))
          .hasMessageEndingWith("IOERR");
      assertThatThrownBy(() -> readOnly.driver().discard(0, 512)).hasMessageEndingWith("UNSUPP");
    }
  }

  @Test
  void featuresThatWereDeclinedAreUnsupported() throws Exception {
    DriverOptions plain =
        DriverOptions.DEFAULT.without(BlkFeatures.DISCARD | BlkFeatures.WRITE_ZEROES);
    try (TestMachine old = TestMachine.of(node, OPTIONS, plain)) {
      assertThatThrownBy(() -> old.driver().discard(0, 512)).hasMessageEndingWith("UNSUPP");
      assertThatThrownBy(() -> old.driver().writeZeroes(0, 512, true))
          .hasMessageEndingWith("UNSUPP");
    }
  }

  @Test
  void writeIsDurableWhenTheGuestCannotFlush() throws Exception {
    DriverOptions plain = DriverOptions.DEFAULT.without(BlkFeatures.FLUSH);
    try (TestMachine old = TestMachine.of(node, OPTIONS, plain)) {
      old.driver().write(0, new byte[512]);
      old.driver().writeZeroes(0, 512, true);
    }
    assertThat(node.log(Operation.Flush.class)).hasSize(2);
    assertThat(node.log().getLast()).isEqualTo(new Operation.Flush());
  }

  @Test
  void writeIsDurableWhenTheWriteCacheIsOff() throws Exception {
    machine.driver().write(0, new byte[512]);
    assertThat(node.count(Operation.Flush.class)).isZero();

    machine.driver().setWriteback(false);
    assertThat(node.count(Operation.Flush.class)).as("of what was written before").isEqualTo(1);
    machine.driver().write(0, new byte[512]);
    assertThat(node.count(Operation.Flush.class)).isEqualTo(2);
    machine.driver().setWriteback(false);
    assertThat(node.count(Operation.Flush.class)).as("it is off").isEqualTo(2);

    machine.driver().setWriteback(true);
    machine.driver().write(0, new byte[512]);
    assertThat(node.count(Operation.Flush.class)).isEqualTo(2);
  }

  @Test
  void hostCanStartWithoutAWriteCache() throws Exception {
    BlkOptions options = BlkOptions.builder().writeCache(false).build();
    try (TestMachine through = TestMachine.of(node, options, DriverOptions.DEFAULT)) {
      through.driver().write(0, new byte[512]);
    }
    assertThat(node.count(Operation.Flush.class)).isEqualTo(1);
  }
}
