package dev.platter.tck.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.platter.api.BlockNode;
import dev.platter.tck.Capability;
import dev.platter.tck.fake.HookedNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * What a driver owes to transfers in progress: the space that they were told to use is not given to
 * another block before they have ended, whatever is discarded and flushed meanwhile.
 */
public interface FenceContract extends FormatFixture {
  /** The range that is being transferred: whole clusters of most formats. */
  int TRANSFER_BYTES = 128 << 10;

  @Test
  default void readInProgressNeverSeesBytesOfAnotherBlock() throws IOException {
    needs(Capability.WRITE);
    AtomicReference<HookedNode> file = new AtomicReference<>();
    byte[] found = new byte[TRANSFER_BYTES];
    FormatImage image = hooked(file);
    try (BlockNode node = image.open()) {
      node.write(0, filled(TRANSFER_BYTES, 'A'));
      node.flush();
      node.read(0, found); // What the transfer needs to know is in the driver's caches now.
      file.get().beforeNextRead(() -> freeAndFillTheRest(node));
      node.read(0, found);
    }
    for (byte value : found) {
      assertThat(value).as("a byte of A, discarded while it is read").isIn((byte) 'A', (byte) 0);
    }
    image.check();
  }

  @Test
  default void writeInProgressNeverReachesAnotherBlock() throws IOException {
    needs(Capability.WRITE);
    assumeFalse(encrypts(), "a write that encrypts holds its range: nothing frees it meanwhile");
    AtomicReference<HookedNode> file = new AtomicReference<>();
    FormatImage image = hooked(file);
    byte[] rest = new byte[diskBytes() - TRANSFER_BYTES];
    try (BlockNode node = image.open()) {
      node.write(0, filled(TRANSFER_BYTES, 'A'));
      node.flush();
      file.get().beforeNextWrite(() -> freeAndFillTheRest(node));
      node.write(0, filled(TRANSFER_BYTES, 'C'));
      node.read(TRANSFER_BYTES, rest);
    }
    assertThat(rest).as("what was written to another block meanwhile").containsOnly('B');
    image.check();
  }

  /** Frees the space of the transfer, durably, and writes everywhere else. */
  private void freeAndFillTheRest(BlockNode node) throws IOException {
    node.discard(0, TRANSFER_BYTES);
    node.flush();
    node.flush();
    node.write(TRANSFER_BYTES, filled(diskBytes() - TRANSFER_BYTES, 'B'));
    node.flush();
  }

  private FormatImage hooked(AtomicReference<HookedNode> file) throws IOException {
    return new FormatImage(this, image(diskBytes(), Optional.empty()))
        .wrapped(
            node -> {
              HookedNode hooked = new HookedNode(node);
              file.set(hooked);
              return hooked;
            });
  }

  private static byte[] filled(int length, char value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }
}
