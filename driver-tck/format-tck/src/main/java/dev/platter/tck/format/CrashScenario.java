package dev.platter.tck.format;

import dev.platter.api.BlockNode;
import dev.platter.tck.crash.PowerCut;
import dev.platter.tck.crash.PowerCuts;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.RecordingNode;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** Requests to an image, and every state in which a power cut among them can leave its file. */
final class CrashScenario {
  private final FormatFixture fixture;
  private final MemoryNode image;
  private final List<CrashStep> steps;

  /** A scenario on an image of zeros. */
  CrashScenario(FormatFixture fixture, MemoryNode image, List<CrashStep> steps) {
    this.fixture = fixture;
    this.image = image;
    this.steps = steps;
  }

  /** Runs it, and looks at every state. The seed chooses among states where there are many. */
  void run(long seed) throws IOException {
    MemoryNode before = image.copy();
    AtomicReference<RecordingNode> log = new AtomicReference<>();
    int sectorCount;
    try (BlockNode node =
        new FormatImage(fixture, image).wrapped(file -> record(log, file)).open()) {
      sectorCount = Math.toIntExact(node.size() / FormatFixture.SECTOR_BYTES);
      for (CrashStep step : steps) {
        step.send(node);
        log.get().mark(step.toString());
      }
    }
    int count = sectorCount;
    PowerCuts.forEach(before, log.get().log(), seed, cut -> look(cut, count));
  }

  private static RecordingNode record(AtomicReference<RecordingNode> log, BlockNode file) {
    log.set(new RecordingNode(file));
    return log.get();
  }

  private void look(PowerCut cut, int sectorCount) {
    try {
      SectorModel model = new SectorModel(sectorCount);
      int doneCount = cut.marks().size();
      for (int i = 0; i < Math.min(steps.size(), doneCount + 1); i++) {
        steps.get(i).apply(model, i < doneCount);
      }
      reopen(cut.image(), model);
    } catch (IOException | AssertionError e) {
      throw new AssertionError(
          "%s\n%s\nof %s\nafter %s"
              .formatted(e.getMessage(), cut.description(), steps, cut.marks()),
          e);
    }
  }

  /** The image opens and holds what it may; then it is written to, and holds that. */
  private void reopen(MemoryNode found, SectorModel model) throws IOException {
    FormatImage crashed = new FormatImage(fixture, found);
    try (BlockNode node = crashed.open()) {
      model.assertKept(node);
      CrashStep everywhere = new CrashStep.Write(0, model.sectorCount(), 99);
      everywhere.send(node);
      everywhere.apply(model, true);
    }
    try (BlockNode node = crashed.open(true)) {
      model.assertNow(node);
    }
    fixture.checkImage(found, true);
  }
}
