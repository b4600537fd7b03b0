package dev.platter.harness.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.error.Errno;
import dev.platter.graph.BlockBackend;
import dev.platter.graph.BlockGraph;
import dev.platter.harness.BlockRuntime;
import dev.platter.harness.guest.GuestIoException;
import dev.platter.harness.guest.MockBlkDriver;
import dev.platter.harness.guest.MockGuest;
import dev.platter.harness.virtio.RingFeatures;
import dev.platter.tck.Seeds;
import dev.platter.tck.fake.FaultyNode;
import dev.platter.tck.fake.FaultyNode.Kind;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PlatterExtension.class)
class PlatterExtensionTest {
  private static final byte[] BYTES = Seeds.bytes(new SplittableRandom(1), 8192);

  @Test
  void diskIsLent(@Disk(size = "2M", create = "cluster_size=4k") MockBlkDriver disk)
      throws Exception {
    disk.write(4096, BYTES);

    assertThat(disk.read(4096, BYTES.length)).isEqualTo(BYTES);
    assertThat(disk.capacityBytes()).isEqualTo(2 << 20);
  }

  @Test
  void diskMayLieInMemoryOrBeRaw(
      @Disk(format = "memory") MockBlkDriver memory, @Disk(format = "raw") TestDisk raw)
      throws Exception {
    memory.write(0, BYTES);
    raw.driver().write(0, BYTES);

    assertThat(memory.read(0, BYTES.length)).isEqualTo(BYTES);
    assertThat(raw.images().getFirst()).binaryContent().startsWith(BYTES);
  }

  @Test
  void chainIsLentFromTheTop(
      @Chain(overlays = 3, base = "raw", name = "c") MockBlkDriver disk,
      @Chain(name = "c") List<Path> images,
      @Chain(name = "c") BlockNode top,
      BlockGraph graph)
      throws Exception {
    disk.write(0, BYTES);

    assertThat(images).hasSize(4);
    assertThat(images.getFirst()).hasFileName("c-3.qcow2");
    assertThat(images.getLast()).hasFileName("c-0.raw");
    assertThat(graph.chainOf(top)).hasSize(4);
    assertThat(images.getLast()).binaryContent().containsOnly(0);
  }

  @Test
  void faultsReachTheGuest(
      @Disk @Fault(on = Kind.WRITE, nth = 2) @Fault(on = Kind.READ, always = true)
          MockBlkDriver disk)
      throws Exception {
    disk.write(0, BYTES);
    assertThatThrownBy(() -> disk.write(0, BYTES)).isInstanceOf(GuestIoException.class);
    disk.write(0, BYTES);
    assertThatThrownBy(() -> disk.read(0, 512)).isInstanceOf(GuestIoException.class);
    assertThatThrownBy(() -> disk.read(0, 512)).isInstanceOf(GuestIoException.class);
  }

  @Test
  void faultsBelowAnImageAreItsOwn(
      @Chain(name = "c") @Fault(layer = 1, on = Kind.READ, always = true) TestDisk disk)
      throws Exception {
    disk.driver().write(0, new byte[65536]);

    assertThat(disk.driver().read(0, 65536)).as("the overlay's").containsOnly(0);
    assertThatThrownBy(() -> disk.driver().read(65536, 512)).isInstanceOf(GuestIoException.class);
    assertThat(disk.files()).hasSize(2);
    assertThat(disk.files().getFirst().failures()).isZero();
  }

  @Retention(RetentionPolicy.RUNTIME)
  @Disk(format = "memory", size = "4M")
  @Guest(workers = 2, serial = "shared")
  @interface SharedDescription {}

  @Test
  void descriptionsCanBeShared(@SharedDescription MockBlkDriver disk) throws Exception {
    disk.write(0, BYTES);

    assertThat(disk.read(0, BYTES.length)).isEqualTo(BYTES);
    assertThat(disk.capacityBytes()).isEqualTo(4 << 20);
    assertThat(disk.serial()).isEqualTo("shared");
  }

  @Test
  void faultsCanBeSetWhileTheTestRuns(
      @Disk(name = "d") MockBlkDriver disk,
      @Disk(name = "d") FaultyNode faults,
      @Disk(name = "d") BlockBackend backend)
      throws Exception {
    faults.failNth(Kind.FLUSH, 1, Errno.EIO);

    assertThatThrownBy(disk::flush).isInstanceOf(GuestIoException.class);
    backend.flush();
    disk.flush();
  }

  @Test
  void guestIsMadeToMeasure(
      @Disk
          @Guest(
              queues = 3,
              queueSize = 64,
              logicalBlockBytes = 4096,
              serial = "S1",
              indirect = false,
              eventIndex = false)
          MockBlkDriver disk)
      throws Exception {
    assertThat(disk.queueCount()).isEqualTo(3);
    assertThat(disk.logicalBlockBytes()).isEqualTo(4096);
    assertThat(disk.serial()).isEqualTo("S1");
    assertThat(disk.has(RingFeatures.INDIRECT_DESC)).isFalse();
    assertThat(disk.has(RingFeatures.EVENT_IDX)).isFalse();
  }

  @Test
  void driveOptionsAreTheDisks(@Disk(drive = "read-only=on,rerror=stop") TestDisk disk) {
    assertThat(disk.node().readOnly()).isTrue();
    assertThat(disk.device().options().errorPolicy().reads().name()).isEqualTo("STOP");
  }

  @Test
  void partsOfTheRuntimeAreLentToo(
      BlockRuntime runtime, BlockGraph graph, MockGuest guest, @Disk Path image) throws Exception {
    assertThat(runtime.graph()).isSameAs(graph);
    try (var drive = runtime.open("file=" + image)) {
      assertThat(guest.plug(drive.device()).capacityBytes()).isEqualTo(1 << 20);
    }
  }

  @Test
  void requestsAreLogged(@Disk MockBlkDriver disk, RequestLog log) throws Exception {
    disk.read(512, 1024);

    assertThat(log.lines()).containsExactly("queue 0: Read[sector=1, byteCount=1024] -> OK");
  }
}
