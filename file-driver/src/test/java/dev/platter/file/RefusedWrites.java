package dev.platter.file;

import dev.platter.api.GrowingNode;
import dev.platter.api.IoVector;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * Writes in each of three ways to a host that refuses the first write of each. To be loaded by
 * {@link FaultyLinkage}. Returns how many of them the writer was told of.
 */
public final class RefusedWrites implements Function<Path, Integer> {
  private static final int LENGTH = 4096;

  /** For {@link FaultyLinkage}'s user. */
  public RefusedWrites() {}

  /** One of the ways. */
  private interface Write {
    void perform() throws IOException;
  }

  @Override
  public Integer apply(Path folder) {
    FaultyCalls.inject(FaultyCalls.Fault.NONE, 0);
    try (Arena arena = Arena.ofConfined();
        GrowingNode node = open(folder)) {
      MemorySegment bytes = arena.allocate(LENGTH);
      return told(() -> node.write(0, new byte[LENGTH]))
          + told(() -> node.write(0, bytes))
          + told(() -> node.write(0, IoVector.of(List.of(bytes, bytes))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static GrowingNode open(Path folder) throws IOException {
    Path file = Files.write(folder.resolve("refused"), new byte[2 * LENGTH]);
    return FileNodes.open(file, "native=on,read-only=off,locking=off");
  }

  private static int told(Write write) throws IOException {
    FaultyCalls.inject(FaultyCalls.Fault.NO_SPACE_ONCE, 0);
    try {
      write.perform();
      return 0;
    } catch (BlockIoException e) {
      return e.errno() == Errno.ENOSPC ? 1 : 0;
    } finally {
      FaultyCalls.inject(FaultyCalls.Fault.NONE, 0);
    }
  }
}
