package dev.platter.file;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.GrowingNode;
import dev.platter.api.IoVector;
import dev.platter.api.Preallocation;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.OutOfRangeException;
import dev.platter.file.FileNodes.Means;
import dev.platter.tck.Seeds;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** How bytes get from memory of every kind to the host and back. */
class HostFileTransfersTest {
  private static final byte[] CONTENT = Seeds.bytes(new SplittableRandom(1), 100_000);

  @TempDir Path folder;
  private Path path;

  @BeforeEach
  void fill() throws IOException {
    path = Files.write(folder.resolve("disk"), CONTENT);
  }

  @ParameterizedTest
  @EnumSource
  void vectorsOfMoreSegmentsThanTheHostTakesAtOnceAreSplit(Means means) throws IOException {
    RandomGenerator random = new SplittableRandom(2);
    try (GrowingNode node = means.open(path);
        Arena arena = Arena.ofConfined()) {
      List<MemorySegment> parts = new ArrayList<>();
      for (int i = 0; i < 3 * LibC.IOV_MAX + 7; i++) {
        parts.add(arena.allocate(random.nextInt(0, 20)).fill((byte) i));
      }
      byte[] expected = joined(parts);
      node.write(333, IoVector.of(parts));
      parts.forEach(part -> part.fill((byte) 0));
      node.read(333, IoVector.of(parts));
      assertThat(joined(parts)).isEqualTo(expected);
      assertThat(Files.readAllBytes(path))
          .startsWith(Arrays.copyOf(CONTENT, 333))
          .containsSequence(expected)
          .endsWith(Arrays.copyOfRange(CONTENT, 333 + expected.length, CONTENT.length));
    }
  }

  @ParameterizedTest
  @EnumSource
  void requestLargerThanABounceBufferIsTransferredInParts(Means means) throws IOException {
    byte[] large = Seeds.bytes(new SplittableRandom(3), 3 * ThreadBuffers.BOUNCE_BYTES + 99);
    byte[] found = new byte[large.length];
    try (GrowingNode node = means.open(path)) {
      node.write(77, large);
      node.read(77, found);
    }
    assertThat(found).isEqualTo(large);
  }

  @ParameterizedTest
  @EnumSource
  void arraysOfEveryTypeAreMemory(Means means) throws IOException {
    long[] longs = new long[100];
    try (GrowingNode node = means.open(path)) {
      node.read(8, MemorySegment.ofArray(longs));
      node.write(50_000, MemorySegment.ofArray(longs));
    }
    assertThat(MemorySegment.ofArray(longs).toArray(JAVA_BYTE))
        .isEqualTo(Arrays.copyOfRange(CONTENT, 8, 808))
        .isEqualTo(Arrays.copyOfRange(Files.readAllBytes(path), 50_000, 50_800));
  }

  /** Somebody else has made the file shorter; what is gone reads as zeros, and never fails. */
  @ParameterizedTest
  @CsvSource({"NATIVE,1000", "DIRECT,1000", "CHANNEL,1000", "DIRECT,4096", "NATIVE,0", "DIRECT,0"})
  void readsBeyondTheEndOfTheHostsFileAreZeros(Means means, int left) throws IOException {
    try (GrowingNode node = means.open(path);
        Arena arena = Arena.ofConfined();
        RandomAccessFile other = new RandomAccessFile(path.toFile(), "rw")) {
      other.setLength(left);
      byte[] expected = Arrays.copyOf(Arrays.copyOf(CONTENT, left), 20_480);
      MemorySegment aligned = arena.allocate(20_480, 4096).fill((byte) 7);
      node.read(0, aligned);
      assertThat(aligned.toArray(JAVA_BYTE)).isEqualTo(expected);
      aligned.fill((byte) 7);
      node.read(0, IoVector.of(aligned.asSlice(0, 512), aligned.asSlice(512)));
      assertThat(aligned.toArray(JAVA_BYTE)).isEqualTo(expected);
      byte[] heap = new byte[20_480];
      node.read(0, heap);
      assertThat(heap).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatWasCutOffReadsAsZerosWhenTheFileGrowsOverItAgain(Means means) throws IOException {
    try (GrowingNode node = means.open(path)) {
      node.resize(1001, Preallocation.OFF);
      node.write(2001, new byte[] {1});
      assertThat(node.size()).isEqualTo(2002);
      byte[] gap = new byte[1000];
      node.read(1001, gap);
      assertThat(gap).containsOnly(0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void fileThatNoHostCanHoldIsRefused(Means means) throws IOException {
    try (GrowingNode node = means.open(path)) {
      for (long offset : new long[] {Long.MAX_VALUE - 1, Long.MAX_VALUE - 4095}) {
        assertThatThrownBy(() -> node.write(offset, new byte[1]))
            .isInstanceOf(OutOfRangeException.class);
      }
      assertThatThrownBy(() -> node.write(Long.MAX_VALUE - 8191, new byte[4096]))
          .isInstanceOf(BlockIoException.class);
      assertThat(node.size()).isEqualTo(CONTENT.length);
    }
  }

  @ParameterizedTest
  @EnumSource
  void memoryThatMustNotBeUsedIsRefused(Means means) throws IOException {
    try (GrowingNode node = means.open(path)) {
      MemorySegment gone = freedMemory();
      assertThatThrownBy(() -> node.read(0, gone)).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> node.read(0, IoVector.of(gone, gone)))
          .isInstanceOf(IllegalStateException.class);
      MemorySegment constant = MemorySegment.ofArray(new byte[4096]).asReadOnly();
      assertThatThrownBy(() -> node.read(0, constant)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> node.read(0, IoVector.of(constant)))
          .isInstanceOf(IllegalArgumentException.class);
      refusesMemoryOfAnotherThread(node);
    }
    assertThat(Files.readAllBytes(path)).isEqualTo(CONTENT);
  }

  private static MemorySegment freedMemory() {
    try (Arena arena = Arena.ofConfined()) {
      return arena.allocate(4096, 4096);
    }
  }

  private static void refusesMemoryOfAnotherThread(BlockNode node) {
    try (Arena mine = Arena.ofConfined()) {
      MemorySegment confined = mine.allocate(4096, 4096);
      CompletableFuture.runAsync(
              () -> {
                assertThatThrownBy(() -> node.read(0, confined))
                    .isInstanceOf(WrongThreadException.class);
                assertThatThrownBy(() -> node.read(0, IoVector.of(confined, confined)))
                    .isInstanceOf(WrongThreadException.class);
              })
          .join();
    }
  }

  private static byte[] joined(List<MemorySegment> parts) {
    byte[] all = new byte[Math.toIntExact(IoVector.of(parts).byteSize())];
    int at = 0;
    for (MemorySegment part : parts) {
      MemorySegment.copy(part, JAVA_BYTE, 0, all, at, Math.toIntExact(part.byteSize()));
      at += Math.toIntExact(part.byteSize());
    }
    return all;
  }
}
