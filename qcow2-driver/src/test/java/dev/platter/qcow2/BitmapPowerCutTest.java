package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.Preallocation;
import dev.platter.api.driver.BitmapFormat.BitmapInfo;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.tck.crash.PowerCut;
import dev.platter.tck.crash.PowerCuts;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.RecordingNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Cuts the power while an image with bitmaps is opened, written, flushed and closed: every state
 * checks clean but for leaks, and a bitmap that says it can be believed names every sector that
 * differs from what it was when the bitmap began.
 */
class BitmapPowerCutTest {
  private static final int DISK_BYTES = 64 << 10;
  private static final String BACKING_NAME = "base-" + "x".repeat(40) + ".raw";

  private final Qcow2DriverProvider provider = new Qcow2DriverProvider();
  private final long seed = Long.getLong("platter.seed", 1);

  @FunctionalInterface
  private interface Session {
    void run(Qcow2Format format) throws IOException;
  }

  @ParameterizedTest
  @ValueSource(strings = {"off", "on"})
  void theFirstBitmapSurvivesEveryPowerCut(String lazy) throws IOException {
    long states =
        cut(
            image(lazy),
            format -> {
              format.addBitmap("new", 1024, true);
              fill(format, 2048, 3000, 5);
            });
    assertThat(states).isGreaterThan(50);
  }

  @ParameterizedTest
  @ValueSource(strings = {"off", "on"})
  void changesAreNeverMissedWhereTheBitmapIsBelieved(String lazy) throws IOException {
    long states =
        cut(
            withBitmap(lazy),
            format -> {
              fill(format, 2048, 3000, 5);
              format.flush();
              fill(format, 40_000, 600, 6);
            });
    assertThat(states).isGreaterThan(60);
  }

  @ParameterizedTest
  @ValueSource(strings = {"off", "on"})
  void changesOfTheDirectorySurviveEveryPowerCut(String lazy) throws IOException {
    cut(withBitmap(lazy), format -> format.removeBitmap("b"));
    cut(withBitmap(lazy), format -> format.addBitmap("second", 512, false));
    cut(
        withBitmap(lazy),
        format -> {
          format.addBitmap("second", 512, true);
          format.mergeBitmap("second", format, "b");
          format.enableBitmap("b", false);
        });
    cut(withBitmap(lazy), _ -> {});
  }

  @ParameterizedTest
  @ValueSource(ints = {32 << 10, 96 << 10})
  void resizingSurvivesEveryPowerCut(int newBytes) throws IOException {
    cut(
        withBitmap("off"),
        format -> {
          format.resize(newBytes, Preallocation.OFF);
          fill(format, 2048, 3000, 5);
        });
  }

  private long cut(MemoryNode before, Session session) throws IOException {
    byte[] contents = read(before);
    BitSet already = believed(before).orElse(new BitSet());
    RecordingNode recorder = new RecordingNode(before.copy());
    try (Qcow2Format format = (Qcow2Format) provider.open(TestOpening.of(recorder))) {
      session.run(format);
    }
    return PowerCuts.forEach(
        before, recorder.changes(), seed, cut -> survives(cut, contents, already));
  }

  private void survives(PowerCut cut, byte[] contents, BitSet already) throws IOException {
    String context = "seed %d, %s".formatted(seed, cut.description());
    MemoryNode image = cut.image();
    if (!header(image).features().dirty()) {
      assertSound(image, context);
    }
    assertThat(header(image).backing().orElseThrow().fileName())
        .as(context)
        .isEqualTo(BACKING_NAME);
    byte[] now = read(image);
    Optional<BitSet> dirty = believed(image);
    for (int i = 0; dirty.isPresent() && i < Math.min(now.length, contents.length); i++) {
      assertThat(now[i] == contents[i] || dirty.get().get(i / 512))
          .as("%s: byte %d changed and the bitmap does not know", context, i)
          .isTrue();
      assertThat(!already.get(i / 512) || dirty.get().get(i / 512))
          .as("%s: byte %d was dirty and is not", context, i)
          .isTrue();
    }
    try (Qcow2Format format = (Qcow2Format) provider.open(TestOpening.of(image.reopen()))) {
      fill(format, 8192, 2048, 9);
    }
    assertSound(image, context + ", then written");
  }

  /** What the bitmap {@code b} says, if it can be believed. */
  private Optional<BitSet> believed(MemoryNode node) throws IOException {
    try (Qcow2Format format =
        (Qcow2Format) provider.open(TestOpening.of(node.reopenReadOnly()).withReadOnly())) {
      boolean there =
          format.bitmaps().stream()
              .filter(BitmapInfo::enabled)
              .anyMatch(one -> one.name().equals("b") && one.consistent());
      return there ? Optional.of(BitmapModel.read(format, "b")) : Optional.empty();
    }
  }

  private MemoryNode image(String lazy) throws IOException {
    MemoryNode node =
        NewImages.createOver(
            BACKING_NAME, DISK_BYTES, "cluster_size=1024", "lazy_refcounts=" + lazy);
    try (Qcow2Format format = (Qcow2Format) provider.open(TestOpening.of(node.reopen()))) {
      fill(format, 0, 5000, 1);
    }
    return node;
  }

  private MemoryNode withBitmap(String lazy) throws IOException {
    MemoryNode node = image(lazy);
    try (Qcow2Format format = (Qcow2Format) provider.open(TestOpening.of(node.reopen()))) {
      format.addBitmap("b", 512, true);
      fill(format, 1024, 700, 2);
    }
    return node;
  }

  /** Writes as a guest does through the graph, which marks a change before it makes it. */
  private static void fill(Qcow2Format format, long offset, int length, int value)
      throws IOException {
    format.markDirty(offset, length);
    new DriverGuest(format).fill(offset, length, value);
  }

  private byte[] read(MemoryNode node) throws IOException {
    try (Qcow2Format format =
        (Qcow2Format) provider.open(TestOpening.of(node.reopenReadOnly()).withReadOnly())) {
      return new DriverGuest(format).read(0, (int) format.size());
    }
  }

  private static Qcow2Header header(MemoryNode node) throws IOException {
    return HeaderCodec.decode(node.name(), new ImageFile(node.reopenReadOnly()));
  }

  private static void assertSound(MemoryNode node, String context) throws IOException {
    List<String> findings = new ArrayList<>();
    CheckReport report =
        Qcow2Checker.check("image.qcow2", node.reopen(), Repair.NONE, findings::add);
    assertThat(report.corruptions() + report.checkErrors())
        .as("%s: %s", context, findings)
        .isZero();
  }
}
