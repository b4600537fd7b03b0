package dev.platter.tck.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.tck.Capability;
import dev.platter.tck.DiskModel;
import dev.platter.tck.fake.FaultyNode;
import dev.platter.tck.fake.FaultyNode.Kind;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What a driver owes when the host fails: a clean error, old or new bytes, and an image that opens.
 */
public interface FaultContract extends FormatFixture {

  @Test
  default void oneFailingCallAnywhereDamagesNothing() throws IOException {
    needs(Capability.WRITE);
    everyCallFails((file, nth) -> file.failNth(Kind.ALL, nth, Errno.EIO));
  }

  @Test
  default void oneTornWriteAnywhereDamagesNothing() throws IOException {
    needs(Capability.WRITE);
    everyCallFails((file, nth) -> file.tearWrites().failNth(Kind.CHANGES, nth, Errno.EIO));
  }

  @Test
  default void hostThatFailsForGoodDamagesNothing() throws IOException {
    needs(Capability.WRITE);
    everyCallFails((file, nth) -> file.failFrom(Kind.CHANGES, nth, Errno.EIO));
  }

  @Test
  default void hostThatIsFullDamagesNothing() throws IOException {
    needs(Capability.WRITE);
    Set<Kind> growing = Set.of(Kind.WRITE, Kind.WRITE_ZEROES, Kind.RESIZE);
    everyCallFails((file, nth) -> file.failFrom(growing, nth, Errno.ENOSPC));
  }

  /** Runs the scenario with the Nth call failing, for every N until none fails any more. */
  private void everyCallFails(FaultScenario.Injection injection) throws IOException {
    boolean failed = true;
    for (int nth = 1; failed; nth++) {
      FaultScenario scenario = new FaultScenario(this, injection, nth);
      failed = scenario.run();
    }
  }

  @Test
  default void writeThatFindsNoSpaceLeavesOldBytesAndANodeThatWorksAgain() throws IOException {
    needs(Capability.WRITE);
    FaultyNode[] faulty = new FaultyNode[1];
    FormatImage image =
        new FormatImage(this, image(diskBytes(), Optional.empty()))
            .wrapped(file -> faulty[0] = new FaultyNode(file));
    byte[] bytes = new byte[100_000];
    Arrays.fill(bytes, (byte) 7);
    DiskModel model = new DiskModel(diskBytes());
    try (BlockNode node = image.open()) {
      node.write(0, bytes);
      model.write(0, bytes);
      node.flush();
      faulty[0].failFrom(Kind.WRITE, 1, Errno.ENOSPC);
      assertThatThrownBy(() -> node.write(500_000, bytes))
          .isInstanceOfSatisfying(
              BlockIoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC));
      model.assertEquals(node);
      faulty[0].heal();
      node.write(500_000, bytes);
      model.write(500_000, bytes);
      model.assertEquals(node);
    }
    try (BlockNode node = image.open(true)) {
      model.assertEquals(node);
    }
    checkImage(image.file(), true);
  }

  @Test
  default void failedFlushIsSticky() throws IOException {
    needs(Capability.WRITE);
    FaultyNode[] faulty = new FaultyNode[1];
    FormatImage image =
        new FormatImage(this, image(diskBytes(), Optional.empty()))
            .wrapped(file -> faulty[0] = new FaultyNode(file));
    BlockNode node = image.open();
    try {
      node.write(0, new byte[512]);
      faulty[0].failNth(Kind.FLUSH, 1, Errno.EIO);
      assertThatThrownBy(node::flush).isInstanceOf(IOException.class);
      assertThatThrownBy(node::flush).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> node.write(0, new byte[512])).isInstanceOf(IOException.class);
      node.read(0, new byte[512]);
    } finally {
      FaultScenario.closeAfterFault(node);
    }
    try (BlockNode again = image.open()) {
      again.write(0, new byte[512]);
      again.flush();
    }
  }

  @Test
  default void failedReadSaysSoAndTheNextOneSucceeds() throws IOException {
    byte[] content = new byte[diskBytes()];
    Arrays.fill(content, (byte) 3);
    MemoryNode file = image(content);
    boolean failed = true;
    for (int nth = 1; failed; nth++) {
      FaultyNode[] faulty = new FaultyNode[1];
      int ordinal = nth;
      FormatImage image =
          new FormatImage(this, file)
              .wrapped(
                  node -> faulty[0] = new FaultyNode(node).failNth(Kind.READ, ordinal, Errno.EIO));
      try (BlockNode node = image.open(true)) {
        try {
          node.read(0, new byte[300_000]);
        } catch (BlockIoException e) {
          assertThat(e.errno()).isEqualTo(Errno.EIO);
        }
        new DiskModel(content).assertEquals(node);
      } catch (BlockIoException e) {
        assertThat(e.errno()).as("opening fails with the host's error").isEqualTo(Errno.EIO);
      }
      failed = faulty[0].failures() > 0;
    }
  }
}
