package dev.platter.tools.kill;

import dev.platter.api.ZeroMode;
import dev.platter.api.driver.SnapshottableFormat.SnapshotInfo;
import dev.platter.api.driver.SnapshottableFormat.SnapshotRequest;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockBackend;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.CreateRequest;
import dev.platter.graph.DriverRegistry;
import dev.platter.graph.InternalSnapshots;
import dev.platter.tools.kill.WriterPlan.Kind;
import dev.platter.tools.kill.WriterPlan.Operation;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * The process that is killed: writes to a chain of images until then, and says what it does.
 *
 * <p>It is started ahead with a folder of its own, warms up there, and waits for a line of standard
 * input that says what to write to. What it says is made of {@link #MESSAGE_BYTES} bytes each: a
 * letter, a thread, a number. Every message is one write to a pipe, so none is lost or cut.
 */
final class KilledWriter {
  static final int MESSAGE_BYTES = 6;

  /** Said once, when everything is warm. */
  static final byte READY = 'r';

  /** Said before an operation, which has the number given. */
  static final byte BEGUN = 'b';

  /** Said after a flush that succeeded. */
  static final byte FLUSHED = 'f';

  /** Said when a further overlay is complete, before it is put on top. */
  static final byte CREATED = 'c';

  /** An overlay is on the disk; what it lies on is settled. */
  static final byte PUT_ON = 'p';

  /** A snapshot inside the image was taken, or is about to be deleted or gone back to. */
  static final byte SNAPSHOT = 's';

  private static final int MAX_LAYERS = 8;
  private static final int MAX_SNAPSHOTS = 3;
  private static final int WARM_UP_OPERATIONS = 60;

  private final OutputStream messages;
  private final Path folder;
  private final long seed;
  private final int round;

  private KilledWriter(OutputStream messages, Path folder, long seed, int round) {
    this.messages = messages;
    this.folder = folder;
    this.seed = seed;
    this.round = round;
  }

  /** The image of a layer; layer 0 is the base. */
  static Path layer(Path folder, int index) {
    return folder.resolve("layer%d.qcow2".formatted(index));
  }

  /** How a layer is opened. */
  static NodeSpec spec(Path folder, int index, ChainOptions options) {
    return NodeSpec.of("qcow2")
        .with("discard", "unmap")
        .with("l2-cache-size", options.l2CacheSize())
        .with("lazy-refcounts", options.lazyRefcounts() ? "on" : "off")
        .withChild("file", NodeSpec.file(layer(folder, index).toString()));
  }

  /** Runs until it is killed, or for as long as its parent lives. */
  public static void main(String[] arguments) throws Exception {
    try (OutputStream out = new FileOutputStream(FileDescriptor.out)) {
      warmUp(Path.of(arguments[0]));
      out.write(message(READY, 0, 0));
      BufferedReader in =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      String line = in.readLine();
      if (line == null) {
        return; // the parent needs no further writer, or is no more
      }
      String[] words = line.split(" ", 5);
      Path folder = Path.of(words[4]);
      int layers = Integer.parseInt(words[2]);
      long seed = Long.parseLong(words[0]);
      KilledWriter writer = new KilledWriter(out, folder, seed, Integer.parseInt(words[1]));
      Thread run =
          Thread.ofPlatform()
              .daemon()
              .start(() -> writer.run(layers, ChainOptions.parse(words[3])));
      in.readLine(); // ends when the parent does
      run.interrupt();
    }
  }

  /** Runs once through what will be run: the JVM loads and links it. */
  private static void warmUp(Path folder) throws IOException {
    ChainOptions options = ChainOptions.of(1);
    try (BlockGraph graph = BlockGraph.builder(DriverRegistry.discover()).build()) {
      graph.create(
          CreateRequest.of("qcow2", layer(folder, 0).toString(), WriterPlan.DISK_SECTORS * 512L));
      KilledWriter writer = new KilledWriter(OutputStream.nullOutputStream(), folder, 1, 0);
      try (BlockBackend disk = graph.openBackend(spec(folder, 0, options))) {
        writer.operate(graph, disk, 0, WARM_UP_OPERATIONS, 1, options);
        writer.snapshot(graph, disk, 1, options);
      }
    }
    Files.deleteIfExists(layer(folder, 0));
    Files.deleteIfExists(layer(folder, 1));
  }

  private void run(int layers, ChainOptions options) {
    try (BlockGraph graph = BlockGraph.builder(DriverRegistry.discover()).build();
        BlockBackend disk = graph.openBackend(spec(folder, layers - 1, options))) {
      Thread[] others = new Thread[WriterPlan.THREAD_COUNT - 1];
      for (int i = 0; i < others.length; i++) {
        int thread = i + 1;
        others[i] =
            Thread.ofPlatform()
                .daemon()
                .start(() -> operateOrHalt(graph, disk, thread, layers, options));
      }
      operateOrHalt(graph, disk, 0, layers, options);
    } catch (IOException e) {
      halt(e);
    }
  }

  private void operateOrHalt(
      BlockGraph graph, BlockBackend disk, int thread, int layers, ChainOptions options) {
    try {
      operate(graph, disk, thread, Integer.MAX_VALUE, layers, options);
    } catch (IOException | RuntimeException e) {
      halt(e);
    }
  }

  /** Ends the process so that the parent sees that it was not killed. */
  private static void halt(Exception failure) {
    failure.printStackTrace();
    Runtime.getRuntime().halt(1);
  }

  private void operate(
      BlockGraph graph,
      BlockBackend disk,
      int thread,
      int operationCount,
      int layers,
      ChainOptions options)
      throws IOException {
    WriterPlan plan = new WriterPlan(seed, round, thread);
    int nextLayer = layers;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(WriterPlan.MAX_BYTES);
      for (int i = 0; i < operationCount; i++) {
        Operation operation = plan.next();
        say(BEGUN, thread, i);
        switch (operation.kind()) {
          case SNAPSHOT -> {
            if (nextLayer < MAX_LAYERS) {
              snapshot(graph, disk, nextLayer++, options);
            }
          }
          case FLUSH -> {
            disk.flush();
            say(FLUSHED, thread, i);
          }
          case KEEP, FORGET, GO_BACK -> inside(InternalSnapshots.of(disk), operation);
          default -> change(disk, operation, thread, buffer);
        }
      }
    }
  }

  private void change(BlockBackend disk, Operation operation, int thread, MemorySegment buffer)
      throws IOException {
    long offset = (long) operation.firstSector() * WriterPlan.SECTOR_BYTES;
    long length = (long) operation.sectorCount() * WriterPlan.SECTOR_BYTES;
    switch (operation.kind()) {
      case WRITE -> {
        MemorySegment data = buffer.asSlice(0, length);
        SectorStamp.write(
            data, operation.firstSector(), SectorStamp.of(round, thread, operation.number()));
        disk.write(offset, data);
      }
      case ZERO -> disk.writeZeroes(offset, length, ZeroMode.MAY_UNMAP);
      case ZERO_KEEPING_SPACE -> disk.writeZeroes(offset, length, ZeroMode.KEEP_ALLOCATED);
      case DISCARD -> disk.discard(offset, length);
      case FLUSH, SNAPSHOT, KEEP, FORGET, GO_BACK -> throw new IllegalStateException("no change");
    }
  }

  private void inside(InternalSnapshots snapshots, Operation operation) throws IOException {
    List<SnapshotInfo> all = snapshots.list();
    if (operation.kind() == Kind.KEEP) {
      if (all.size() < MAX_SNAPSHOTS) {
        int name = KeptSnapshots.name(round, operation.number());
        snapshots.create(SnapshotRequest.ofDisk(Integer.toString(name), Instant.EPOCH));
        say(SNAPSHOT, 0, name);
      }
    } else if (!all.isEmpty()) {
      boolean back = operation.kind() == Kind.GO_BACK;
      SnapshotInfo chosen = back ? all.getLast() : all.getFirst();
      say(SNAPSHOT, 0, Integer.parseInt(chosen.name()));
      if (back) {
        snapshots.apply(chosen.id());
      } else {
        snapshots.delete(chosen.id());
      }
    }
  }

  private void snapshot(BlockGraph graph, BlockBackend disk, int index, ChainOptions options)
      throws IOException {
    String fileName = layer(folder, index).toString();
    graph.createOverlay(
        disk, "qcow2", fileName, Map.of("cluster_size", options.clusterSizeValue()));
    say(CREATED, 0, index);
    graph.snapshot(disk, spec(folder, index, options));
    say(PUT_ON, 0, index);
  }

  private void say(byte letter, int thread, int number) {
    try {
      messages.write(message(letter, thread, number));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] message(byte letter, int thread, int number) {
    return ByteBuffer.allocate(MESSAGE_BYTES).put(letter).put((byte) thread).putInt(number).array();
  }
}
