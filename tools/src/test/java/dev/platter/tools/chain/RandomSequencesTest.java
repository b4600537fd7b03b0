package dev.platter.tools.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.BlockNode;
import dev.platter.api.ZeroMode;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.DriverRegistry;
import dev.platter.tck.DiskModel;
import dev.platter.tck.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random sequences of changes to an overlay on a raw base: here, in an array, and by {@code
 * qemu-io} on an image of its own. In the end all three hold the same, and both images are sound.
 *
 * <p>{@code -Dplatter.sequences=1000} runs more of them, {@code -Dplatter.seed=N} one again.
 */
class RandomSequencesTest {
  private static final int SECTOR_BYTES = 512;
  private static final int CHANGE_COUNT = 20;
  private static final long FIRST_SEED = 77_000;
  private static final int SEQUENCE_COUNT = Integer.getInteger("platter.sequences", 25);
  private static final int[] CLUSTER_BYTES = {512, 1024, 4096, 16384, 65536};

  @TempDir Path folder;

  @BeforeEach
  void requireQemu() {
    QemuTools.assumeInstalled();
  }

  static LongStream seeds() {
    Long seed = Long.getLong("platter.seed");
    return seed != null
        ? LongStream.of(seed)
        : LongStream.range(FIRST_SEED, FIRST_SEED + SEQUENCE_COUNT);
  }

  @ParameterizedTest(name = "-Dplatter.seed={0}")
  @MethodSource("seeds")
  void anArrayPlatterAndQemuHoldTheSame(long seed) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    int clusterBytes = CLUSTER_BYTES[random.nextInt(CLUSTER_BYTES.length)];
    int size = SECTOR_BYTES * random.nextInt(1, 2048);
    byte[] base = Seeds.bytes(random, SECTOR_BYTES * random.nextInt(1, 2500));
    Files.write(folder.resolve("base.img"), base);
    DiskModel model = new DiskModel(Arrays.copyOf(base, size));
    Path ours = create("ours.qcow2", size, clusterBytes, random.nextInt(7));
    Path theirs = create("theirs.qcow2", size, clusterBytes, 4);

    List<String> commands = new ArrayList<>();
    try (BlockGraph graph = BlockGraph.builder(DriverRegistry.discover()).build();
        BlockNode disk = graph.open(spec(ours))) {
      for (int i = 0; i < CHANGE_COUNT; i++) {
        commands.add(change(disk, model, random, clusterBytes));
      }
      model.assertEquals(disk);
    }
    QemuTools.io(theirs, commands.toArray(String[]::new));

    assertThat(QemuTools.contents(ours)).as(commands.toString()).isEqualTo(model.range(0, size));
    QemuTools.img("compare", "-f", "qcow2", "-F", "qcow2", ours, theirs);
    QemuTools.check(ours);
  }

  /** Makes a random change here and in the model; returns it as a command of qemu-io. */
  private static String change(
      BlockNode disk, DiskModel model, SplittableRandom random, int clusterBytes)
      throws IOException {
    int kind = random.nextInt(6);
    int unit = kind == 0 ? clusterBytes : SECTOR_BYTES;
    int offset = unit * random.nextInt((model.size() + unit - 1) / unit);
    int most = Math.min(model.size() - offset, 200_000);
    int length = Math.min(most, unit * random.nextInt(1, most / unit + 2));
    return switch (kind) {
      case 0 -> {
        disk.discard(offset, length);
        model.adoptDiscarded(disk, offset, length);
        yield "discard %d %d".formatted(offset, length);
      }
      case 1 -> {
        boolean unmap = random.nextBoolean();
        disk.writeZeroes(offset, length, unmap ? ZeroMode.MAY_UNMAP : ZeroMode.KEEP_ALLOCATED);
        model.zero(offset, length);
        yield "write -z %s %d %d".formatted(unmap ? "-u" : "", offset, length);
      }
      case 2 -> {
        disk.flush();
        yield "flush";
      }
      default -> {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) random.nextInt(256));
        disk.write(offset, bytes);
        model.write(offset, bytes);
        yield "write -P %d %d %d".formatted(bytes[0] & 0xff, offset, length);
      }
    };
  }

  private Path create(String name, int size, int clusterBytes, int refcountOrder) throws Exception {
    Path image = folder.resolve(name);
    QemuTools.img(
        "create",
        "-q",
        "-f",
        "qcow2",
        "-b",
        "base.img",
        "-F",
        "raw",
        "-o",
        "cluster_size=%d,refcount_bits=%d".formatted(clusterBytes, 1 << refcountOrder),
        image,
        size);
    return image;
  }

  private static NodeSpec spec(Path image) {
    return NodeSpec.of("qcow2")
        .with("discard", "unmap")
        .withChild("file", NodeSpec.file(image.toString()));
  }
}
