package dev.platter.file;

import static dev.platter.api.Permission.CONSISTENT_READ;
import static dev.platter.api.Permission.RESIZE;
import static dev.platter.api.Permission.WRITE;

import dev.platter.api.Extent;
import dev.platter.api.GrowingNode;
import dev.platter.api.IoVector;
import dev.platter.api.LockableNode;
import dev.platter.api.Permissions;
import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** What is done to a file while its system calls fail; every one makes several. */
enum SystemCallScenario {
  OPEN_AND_LOCK {
    @Override
    String perform(Path file) throws IOException {
      try (GrowingNode node = open(file)) {
        Permissions writer = Permissions.LONE_TOOL.holding(RESIZE);
        ((LockableNode) node).lock(writer);
        ((LockableNode) node).lock(Permissions.NONE.holding(CONSISTENT_READ).sharing(WRITE));
        ((LockableNode) node).lock(writer);
        return Long.toString(node.size());
      }
    }
  },
  READ {
    @Override
    String perform(Path file) throws IOException {
      try (GrowingNode node = open(file);
          Arena arena = Arena.ofConfined()) {
        byte[] heap = new byte[100_000];
        node.read(7, heap);
        MemorySegment whole = arena.allocate(SIZE);
        node.read(0, whole);
        List<MemorySegment> parts = List.of(arena.allocate(1000), arena.allocate(70_000));
        node.read(SIZE - 71_000, IoVector.of(parts));
        byte[] mixed = new byte[300];
        node.read(33, IoVector.of(List.of(MemorySegment.ofArray(mixed), arena.allocate(5))));
        return hash(heap)
            + hash(whole)
            + hash(parts.getFirst())
            + hash(parts.getLast())
            + hash(mixed);
      }
    }
  },
  WRITE_AND_FLUSH {
    @Override
    String perform(Path file) throws IOException {
      try (GrowingNode node = open(file);
          Arena arena = Arena.ofConfined()) {
        node.write(13, filled(300_000, 1)); // more than one bounce buffer
        MemorySegment bytes = arena.allocate(50_000).fill((byte) 2);
        node.write(SIZE - 100, bytes); // the file grows
        node.flush();
        List<MemorySegment> parts =
            List.of(arena.allocate(600).fill((byte) 3), arena.allocate(9_000).fill((byte) 4));
        node.write(5_000, IoVector.of(parts));
        node.flush();
        return Long.toString(node.size());
      }
    }
  },
  ZERO_AND_PUNCH {
    @Override
    String perform(Path file) throws IOException {
      try (GrowingNode node = open(file)) {
        node.writeZeroes(4096, 65_536, ZeroMode.MAY_UNMAP);
        node.writeZeroes(100_000, 70_000, ZeroMode.KEEP_ALLOCATED);
        node.discard(262_144, 65_536);
        node.writeZeroes(SIZE - 10, 5_000, ZeroMode.MAY_UNMAP);
        node.flush();
        Extent extent = node.extent(4096, 65_536);
        return "%d %b".formatted(node.size(), extent.zero());
      }
    }
  },
  RESIZE_AND_PREALLOCATE {
    @Override
    String perform(Path file) throws IOException {
      try (GrowingNode node = open(file)) {
        node.resize(SIZE / 2, Preallocation.OFF);
        node.resize(SIZE, Preallocation.FALLOC);
        node.resize(SIZE + 20_000, Preallocation.FULL);
        node.flush();
        return Long.toString(node.size());
      }
    }
  };

  static final int SIZE = 512 << 10;

  /** Returns what it has seen, which must not depend on how the system calls went. */
  abstract String perform(Path file) throws IOException;

  /** Performs it on a file of its own; returns what it has seen and what the file holds then. */
  String performOn(Path file) throws IOException {
    byte[] bytes = new byte[SIZE];
    for (int i = 0; i < SIZE; i++) {
      bytes[i] = (byte) (i / 512 + i);
    }
    Files.write(file, bytes);
    String seen = perform(file);
    return seen + "; " + hash(Files.readAllBytes(file));
  }

  private static GrowingNode open(Path file) throws IOException {
    return FileNodes.open(file, "native=on,read-only=off,discard=unmap,locking=on");
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static String hash(MemorySegment bytes) {
    return hash(bytes.toArray(ValueLayout.JAVA_BYTE));
  }

  private static String hash(byte[] bytes) {
    return " %d:%08x".formatted(bytes.length, Arrays.hashCode(bytes));
  }
}
