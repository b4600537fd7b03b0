package dev.platter.qcow2;

import dev.platter.api.ZeroMode;
import dev.platter.tck.format.CrashStep;
import java.util.ArrayList;
import java.util.List;

/** What a guest, and who looks after its disk, may do to one kind of image. */
final class CrashAlphabet {
  /** The snapshot that images for internal snapshots have from the beginning. */
  static final String BEFORE = "before";

  private static final String NEW = "new";

  private final CrashVariant variant;
  private final int unit;
  private final int value;

  /**
   * @param position of the step in its sequence: each writes a value of its own
   */
  CrashAlphabet(CrashVariant variant, int position) {
    this.variant = variant;
    this.unit = variant.unit();
    this.value = 10 + position;
  }

  /** All steps. */
  List<CrashStep> steps() {
    return switch (variant.kind()) {
      case USUAL, THREE_LAYERS -> usual();
      case INTERNAL_SNAPSHOTS -> withInternalSnapshots();
      case LUKS, AES, DATA_FILE, RAW_DATA_FILE -> few();
    };
  }

  private List<CrashStep> usual() {
    List<CrashStep> steps = new ArrayList<>();
    steps.add(variant.write(3, 1, value)); // new
    steps.add(variant.write(3, 2, value)); // new, more than one
    steps.add(new CrashStep.WriteCompressed(3 * unit, 2 * unit, value));
    steps.add(belowAnotherTable());
    steps.add(variant.write(0, 1, value)); // overwrite
    steps.add(variant.write(2, 1, value)); // into reserved space
    steps.add(zero(0));
    steps.add(new CrashStep.Zero(unit, unit, ZeroMode.KEEP_ALLOCATED));
    steps.add(zero(3));
    steps.add(new CrashStep.Discard(0, unit));
    steps.add(discardMany());
    if (!variant.small()) {
      steps.add(partOfANewCluster());
      steps.add(new CrashStep.Write(5 * unit + 3, 5, value)); // a part of an old one
      steps.add(new CrashStep.Zero(5 * unit + 7, 3, ZeroMode.MAY_UNMAP));
    }
    if (variant.extended()) {
      steps.add(new CrashStep.Write(4 * unit + 9, 4, value)); // beside what a step above writes
      steps.add(new CrashStep.Write(5 * unit + 21, 2, value)); // into zeros of a cluster with data
      steps.add(new CrashStep.Zero(4 * unit + 2, 10, ZeroMode.MAY_UNMAP));
      steps.add(new CrashStep.Zero(4 * unit + 20, unit, ZeroMode.KEEP_ALLOCATED));
    }
    steps.add(growth());
    steps.add(shrinking());
    steps.add(new CrashStep.Snapshot());
    steps.add(new CrashStep.Commit());
    steps.add(new CrashStep.Flush());
    return steps;
  }

  private List<CrashStep> withInternalSnapshots() {
    List<CrashStep> steps = new ArrayList<>();
    steps.add(new CrashStep.CreateInternal(NEW));
    steps.add(new CrashStep.ApplyInternal(BEFORE));
    steps.add(new CrashStep.ApplyInternal(NEW));
    steps.add(new CrashStep.DeleteInternal(BEFORE));
    steps.add(new CrashStep.DeleteInternal(NEW));
    steps.add(variant.small() ? variant.write(3, 1, value) : partOfANewCluster());
    steps.add(variant.write(0, 2, value)); // over what a snapshot shares
    steps.add(zero(0));
    steps.add(discardMany());
    steps.add(growth());
    steps.add(shrinking());
    steps.add(new CrashStep.Flush());
    return steps;
  }

  /** No overlays: they would have to be encrypted too, or have data files of their own. */
  private List<CrashStep> few() {
    List<CrashStep> steps = new ArrayList<>();
    steps.add(variant.write(3, 2, value)); // new
    steps.add(variant.small() ? belowAnotherTable() : partOfANewCluster());
    steps.add(variant.write(0, 1, value)); // overwrite
    steps.add(variant.write(2, 1, value)); // into reserved space
    steps.add(zero(0));
    steps.add(discardMany());
    steps.add(growth());
    steps.add(shrinking());
    steps.add(new CrashStep.Flush());
    return steps;
  }

  private CrashStep belowAnotherTable() {
    return new CrashStep.Write(variant.last() * unit, 1, value);
  }

  private CrashStep partOfANewCluster() {
    return new CrashStep.Write(4 * unit + 3, 5, value);
  }

  private CrashStep zero(int cluster) {
    return new CrashStep.Zero(cluster * unit, unit, ZeroMode.MAY_UNMAP);
  }

  private CrashStep discardMany() {
    return new CrashStep.Discard(unit, 5 * unit);
  }

  private CrashStep growth() {
    return new CrashStep.Resize(variant.sectorCount() + 2 * unit);
  }

  private CrashStep shrinking() {
    return new CrashStep.Resize(5 * unit + 1);
  }
}
