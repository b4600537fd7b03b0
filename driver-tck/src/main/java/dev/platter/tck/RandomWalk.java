package dev.platter.tck;

import dev.platter.api.BlockNode;
import dev.platter.api.ZeroMode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Changes a disk and a model of it alike, step by step, and compares whatever is read; reopens the
 * disk and checks the medium now and then.
 *
 * <p>Threads: one.
 */
public final class RandomWalk {
  private static final int LAST_STEPS_SHOWN = 20;

  private final Medium medium;
  private final RandomGenerator random;
  private final DiskModel model;
  private final List<String> steps = new ArrayList<>();

  /**
   * A walk that has not begun.
   *
   * @param medium what to open; no node is open on it
   * @param model what the disk holds; changed along with it
   * @param random decides about every step
   */
  public RandomWalk(Medium medium, DiskModel model, RandomGenerator random) {
    this.medium = medium;
    this.model = model;
    this.random = random;
  }

  /**
   * Takes at least this many steps, and compares the whole disk at the end.
   *
   * @throws AssertionError if the disk differs from the model or refuses a request; the message
   *     ends with the last steps
   */
  public void steps(int count) {
    try {
      walk(count);
    } catch (IOException | AssertionError e) {
      throw new AssertionError(e.getMessage() + "\nafter " + this, e);
    }
  }

  private void walk(int count) throws IOException {
    for (int done = 0; done < count; ) {
      int part = random.nextInt(1, 1 + count / 4);
      try (BlockNode node = medium.open()) {
        for (int i = 0; i < part; i++) {
          step(node);
        }
        model.assertEquals(node);
      }
      steps.add("reopen");
      medium.check();
      done += part;
    }
    try (BlockNode node = medium.open(true)) {
      model.assertEquals(node);
    }
  }

  private void step(BlockNode node) throws IOException {
    int length = length(node);
    int offset = random.nextInt(model.size() - length + 1);
    if (random.nextInt(3) == 0) {
      offset = offset & -4096;
    }
    switch (random.nextInt(10)) {
      case 0 -> {
        log("flush", 0, 0);
        node.flush();
      }
      case 1, 2 -> {
        ZeroMode mode = random.nextBoolean() ? ZeroMode.MAY_UNMAP : ZeroMode.KEEP_ALLOCATED;
        log("zero " + mode, offset, length);
        node.writeZeroes(offset, length, mode);
        model.zero(offset, length);
      }
      case 3 -> {
        log("discard", offset, length);
        node.discard(offset, length);
        model.adoptDiscarded(node, offset, length);
      }
      case 4, 5, 6 -> {
        log("read", offset, length);
        model.assertEquals(node, offset, length);
      }
      default -> {
        byte[] bytes = Seeds.bytes(random, length);
        log("write", offset, length);
        node.write(offset, bytes);
        model.write(offset, bytes);
      }
    }
  }

  private int length(BlockNode node) {
    long unit = Math.max(4096, node.limits().optimalTransferBytes());
    int most = (int) Math.min(model.size(), random.nextBoolean() ? 1024 : 3 * unit);
    int length = random.nextInt(most + 1);
    return random.nextBoolean() ? length & -512 : length;
  }

  private void log(String what, int offset, int length) {
    steps.add("%s 0x%x +0x%x".formatted(what, offset, length));
  }

  @Override
  public String toString() {
    int from = Math.max(0, steps.size() - LAST_STEPS_SHOWN);
    return "%d steps, the last of them:\n%s"
        .formatted(steps.size(), String.join("\n", steps.subList(from, steps.size())));
  }
}
