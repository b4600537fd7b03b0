package dev.platter.file;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.GrowingNode;
import dev.platter.api.IoVector;
import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import dev.platter.file.FileNodes.Means;
import dev.platter.tck.Seeds;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Random operations on a real file and on an array must agree, by every means. */
class HostFileModelTest {
  private static final int MAX_SIZE = 300_000;
  private static final int STEPS = 600;

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void randomOperationsAgreeWithAnArray(Means means) {
    Seeds.run(random -> runOn(means, folder.resolve("disk"), random));
  }

  private static void runOn(Means means, Path path, RandomGenerator random) throws IOException {
    Files.write(path, new byte[0]);
    byte[] model;
    try (Arena arena = Arena.ofConfined();
        GrowingNode node = means.open(path)) {
      Run run = new Run(node, random, arena);
      for (int step = 0; step < STEPS; step++) {
        run.step("step " + step);
      }
      model = run.model;
    }
    assertThat(Files.readAllBytes(path)).as("file afterwards").isEqualTo(model);
  }

  private static final class Run {
    private final GrowingNode node;
    private final RandomGenerator random;
    private final Arena arena;
    private byte[] model = new byte[0];

    Run(GrowingNode node, RandomGenerator random, Arena arena) {
      this.node = node;
      this.random = random;
      this.arena = arena;
    }

    void step(String where) throws IOException {
      int offset = random.nextInt(MAX_SIZE);
      int length = random.nextInt(1, random.nextBoolean() ? 700 : 20_000);
      if (random.nextInt(3) == 0) {
        offset &= ~4095;
        length = Math.max(4096, length & ~4095);
      }
      switch (random.nextInt(10)) {
        case 0, 1, 2 -> write(offset, length);
        case 3 -> writeVector(offset, length);
        case 4 -> zero(offset, length);
        case 5 -> resize(offset);
        case 6 -> node.flush();
        case 7 -> readVector(where, offset, length);
        default -> read(where, offset, length);
      }
      assertThat(node.size()).as(where).isEqualTo(model.length);
    }

    private void write(int offset, int length) throws IOException {
      byte[] bytes = randomBytes(length);
      if (random.nextBoolean()) {
        node.write(offset, bytes);
      } else {
        node.write(offset, nativeCopy(bytes));
      }
      put(offset, bytes);
    }

    private void writeVector(int offset, int length) throws IOException {
      byte[] bytes = randomBytes(length);
      List<MemorySegment> parts = new ArrayList<>();
      for (int at = 0; at < length; ) {
        int part = Math.min(length - at, partLength());
        byte[] piece = Arrays.copyOfRange(bytes, at, at + part);
        parts.add(random.nextInt(8) == 0 ? MemorySegment.ofArray(piece) : nativeCopy(piece));
        at += part;
      }
      node.write(offset, IoVector.of(parts));
      put(offset, bytes);
    }

    private void zero(int offset, int length) throws IOException {
      node.writeZeroes(
          offset, length, random.nextBoolean() ? ZeroMode.MAY_UNMAP : ZeroMode.KEEP_ALLOCATED);
      put(offset, new byte[length]);
    }

    private void resize(int size) throws IOException {
      node.resize(size, Preallocation.OFF);
      model = Arrays.copyOf(model, size);
    }

    private void read(String where, int offset, int length) throws IOException {
      int from = Math.min(offset, model.length);
      int count = Math.min(length, model.length - from);
      byte[] expected = Arrays.copyOfRange(model, from, from + count);
      MemorySegment dst =
          random.nextBoolean()
              ? MemorySegment.ofArray(randomBytes(count))
              : nativeCopy(randomBytes(count));
      node.read(from, dst);
      assertThat(dst.toArray(JAVA_BYTE)).as(where).isEqualTo(expected);
    }

    private void readVector(String where, int offset, int length) throws IOException {
      int from = Math.min(offset, model.length);
      int count = Math.min(length, model.length - from);
      MemorySegment all = nativeCopy(randomBytes(count));
      List<MemorySegment> parts = new ArrayList<>();
      for (int at = 0; at < count; ) {
        int part = Math.min(count - at, partLength());
        parts.add(all.asSlice(at, part));
        at += part;
      }
      node.read(from, IoVector.of(parts));
      assertThat(all.toArray(JAVA_BYTE))
          .as(where)
          .isEqualTo(Arrays.copyOfRange(model, from, from + count));
    }

    private int partLength() {
      return random.nextBoolean() ? random.nextInt(1, 3000) : 512 * random.nextInt(1, 8);
    }

    private void put(int offset, byte[] bytes) {
      if (model.length < offset + bytes.length) {
        model = Arrays.copyOf(model, offset + bytes.length);
      }
      System.arraycopy(bytes, 0, model, offset, bytes.length);
    }

    private byte[] randomBytes(int length) {
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      return bytes;
    }

    private MemorySegment nativeCopy(byte[] bytes) {
      MemorySegment copy = arena.allocate(bytes.length, random.nextBoolean() ? 4096 : 1);
      return copy.copyFrom(MemorySegment.ofArray(bytes));
    }
  }
}
