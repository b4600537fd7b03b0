package dev.platter.toy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.driver.Allocation;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.ImageCreation;
import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReadFence;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.option.OptionValues;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.RecordingNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ToyFlushOrderTest {
  private static final int CLUSTER_BYTES = 64 << 10;

  private final ToyDriverProvider provider = new ToyDriverProvider();
  private final RecordingNode file = new RecordingNode(new MemoryNode("image"));
  private FormatDriver driver;

  /** A fence that a test holds back. */
  private static final class HeldFence implements ReadFence {
    private boolean open;

    @Override
    public long ticket() {
      return 1;
    }

    @Override
    public boolean passed(long ticket) {
      return open;
    }
  }

  private final HeldFence fence = new HeldFence();

  @BeforeEach
  void createAndOpen() throws IOException {
    provider.create(
        file, new ImageCreation("image", 1 << 20, Optional.empty(), OptionValues.empty()));
    driver = provider.open(TestOpening.of(file).withReadFence(fence));
    file.clear();
  }

  @Test
  void dataIsDurableBeforeTheTableNamesIt() throws IOException {
    write(0);
    driver.flush();
    assertThat(file)
        .hasToString(
            """
            image:
            write 0x10000 +65536 0000000000000000..
            flush
            write 0x200 +64 0000000100000000..
            flush\
            """);
  }

  @Test
  void flushWithoutChangesIsOneFlushOfTheFile() throws IOException {
    driver.flush();
    assertThat(file).hasToString("image:\nflush");
  }

  @Test
  void freedClusterIsUsedAgainOnlyAfterTheFlushAndTheLastReader() throws IOException {
    long first = write(0);
    driver.release(0, CLUSTER_BYTES, ReleaseMode.DISCARD);
    assertThat(write(1)).as("before the flush").isNotEqualTo(first);
    driver.flush();
    assertThat(write(2)).as("while a reader may hold it").isNotEqualTo(first);
    fence.open = true;
    assertThat(write(3)).as("after both").isEqualTo(first);
  }

  @Test
  void allocationThatIsNotCommittedLeavesNothing() throws IOException {
    long abandoned;
    try (Allocation allocation = driver.allocate(0, 512)) {
      abandoned = allocation.hostOffset();
    }
    assertThat(driver.map(0, 512)).isEqualTo(new Mapping.Backing(512));
    assertThat(write(1)).isEqualTo(abandoned);
  }

  /** Writes a cluster as the graph would; answers where it lies. */
  private long write(int clusterIndex) throws IOException {
    try (Allocation allocation =
        driver.allocate((long) clusterIndex * CLUSTER_BYTES, CLUSTER_BYTES)) {
      file.write(allocation.hostOffset(), new byte[CLUSTER_BYTES]);
      allocation.commit();
      return allocation.hostOffset();
    }
  }
}
