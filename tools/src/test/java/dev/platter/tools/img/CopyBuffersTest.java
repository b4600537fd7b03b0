package dev.platter.tools.img;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CopyBuffersTest {
  private static final int BUFFER_BYTES = 4096;

  private final CopyBuffers buffers = new CopyBuffers(Arena.ofAuto(), BUFFER_BYTES, 4);

  @Test
  void theOneUsedLastIsUsedNext() {
    MemorySegment first = buffers.take().orElseThrow();
    MemorySegment second = buffers.take().orElseThrow();
    buffers.give(first);
    buffers.give(second);
    assertThat(buffers.take()).containsSame(second);
    assertThat(second.byteSize()).isEqualTo(BUFFER_BYTES);
  }

  @Test
  void whoeverFoundNoneGoesOnOnceHalfAreFree() throws Exception {
    MemorySegment first = buffers.take().orElseThrow();
    MemorySegment second = buffers.take().orElseThrow();
    buffers.take();
    buffers.take();
    CompletableFuture<Optional<MemorySegment>> waiting =
        CompletableFuture.supplyAsync(buffers::take);
    buffers.give(first);
    buffers.give(second);
    assertThat(waiting.get(1, TimeUnit.MINUTES)).isPresent();
  }

  @Test
  void theEndLetsEverybodyGo() throws Exception {
    for (int i = 0; i < 4; i++) {
      buffers.take();
    }
    CompletableFuture<Optional<MemorySegment>> waiting =
        CompletableFuture.supplyAsync(buffers::take);
    buffers.end();
    assertThat(waiting.get(1, TimeUnit.MINUTES)).isEmpty();
    assertThat(buffers.take()).isEmpty();
  }
}
