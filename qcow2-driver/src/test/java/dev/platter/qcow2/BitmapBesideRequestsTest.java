package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.ProtocolDriverProvider;
import dev.platter.api.driver.ProtocolOpening;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.DriverRegistry;
import dev.platter.graph.FormatNode;
import dev.platter.tck.fake.HookedNode;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Bitmaps that change while a write is on its way: a backup that copies then misses nothing. */
class BitmapBesideRequestsTest {
  private static final int CLUSTER = 65536;
  private static final String BITMAP = "backup";

  /** What happens to a bitmap between the beginning and the end of a write. */
  @FunctionalInterface
  private interface Change {
    void perform(Qcow2Format format) throws IOException;
  }

  @Test
  void aWriteThatEndsAfterABitmapWasClearedIsNoted() throws IOException {
    assertNoted(true, format -> format.clearBitmap(BITMAP));
  }

  @Test
  void aWriteThatEndsAfterABitmapWasAddedIsNoted() throws IOException {
    assertNoted(
        true,
        format -> {
          format.removeBitmap(BITMAP);
          format.addBitmap(BITMAP, CLUSTER, true);
        });
  }

  @Test
  void aWriteThatEndsAfterABitmapWasEnabledIsNoted() throws IOException {
    assertNoted(false, format -> format.enableBitmap(BITMAP, true));
  }

  private static void assertNoted(boolean enabled, Change meanwhile) throws IOException {
    MemoryNode image = NewImages.create(16 * CLUSTER);
    HookedFile file = new HookedFile(new HookedNode(image));
    try (BlockGraph graph =
        BlockGraph.builder(DriverRegistry.of(file, new Qcow2DriverProvider())).build()) {
      FormatNode disk =
          (FormatNode)
              graph.open(NodeSpec.of("qcow2").withChild("file", NodeSpec.of("hooked-memory")));
      Qcow2Format format = (Qcow2Format) disk.driver();
      disk.write(3 * CLUSTER, new byte[CLUSTER]); // so that the next one is in place
      format.addBitmap(BITMAP, CLUSTER, enabled);
      file.node().beforeNextWrite(() -> meanwhile.perform(format));
      disk.write(3 * CLUSTER, new byte[] {1});
      assertThat(dirty(format)).containsExactly(List.of(3L * CLUSTER, (long) CLUSTER));
    }
    Qemu.check(image);
  }

  private static List<List<Long>> dirty(Qcow2Format format) throws IOException {
    List<List<Long>> ranges = new ArrayList<>();
    format.forEachDirty(BITMAP, (offset, length) -> ranges.add(List.of(offset, length)));
    return ranges;
  }

  private record HookedFile(HookedNode node) implements ProtocolDriverProvider {
    @Override
    public String name() {
      return "hooked-memory";
    }

    @Override
    public String description() {
      return "One file in memory.";
    }

    @Override
    public OptionSchema options() {
      return OptionSchema.of();
    }

    @Override
    public BlockNode open(ProtocolOpening opening) {
      return node;
    }
  }
}
