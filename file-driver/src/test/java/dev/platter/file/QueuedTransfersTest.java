package dev.platter.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.error.UnsupportedFeatureException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Threads that the host gives no queue, as beyond its limit. */
class QueuedTransfersTest {
  private static final long EAGAIN = 11;
  private final MemorySegment sector = Arena.ofAuto().allocate(512);
  private volatile boolean exhausted;

  @Test
  void requestOfAThreadThatGetsNoQueueFailsAndCanBeSentAgain() throws Exception {
    HostTransfers transfers = QueuedTransfers.by(this::open);
    assertThat(transfers.read(3, sector, 0)).isEqualTo(512);
    exhausted = true;
    List<Long> results = new ArrayList<>();
    Thread later =
        new Thread(
            () -> {
              results.add(transfers.read(3, sector, 0));
              results.add(transfers.write(3, sector, 0));
              exhausted = false;
              results.add(transfers.read(3, sector, 0));
            });
    later.start();
    later.join();
    assertThat(results).containsExactly(-EAGAIN, -EAGAIN, 512L);
  }

  @Test
  void fileIsNotOpenedWhereItsThreadGetsNoQueue() throws Exception {
    exhausted = true;
    assertThatThrownBy(() -> QueuedTransfers.by(this::open))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessage("no queue");
  }

  private RequestQueue open() throws UnsupportedFeatureException {
    if (exhausted) {
      throw new UnsupportedFeatureException("no queue");
    }
    return (_, _, vectors, count, _, _) -> count == 1 && vectors.byteSize() > 0 ? 512 : 0;
  }
}
