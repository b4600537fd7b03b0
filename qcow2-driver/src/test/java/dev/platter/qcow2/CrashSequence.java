package dev.platter.qcow2;

import dev.platter.tck.format.CrashStep;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A sequence of steps on one variant, as a number: so that a campaign can go in any order. */
record CrashSequence(CrashVariant variant, List<Integer> choices) {

  /** Every sequence on each of these variants, of one step to as many as they are meant to have. */
  static List<CrashSequence> all(Collection<CrashVariant> variants) {
    List<CrashSequence> all = new ArrayList<>();
    for (CrashVariant variant : variants) {
      extend(new CrashSequence(variant, List.of()), variant.stepCount(), all);
    }
    return all;
  }

  private static void extend(CrashSequence sequence, int more, List<CrashSequence> all) {
    if (more == 0) {
      return;
    }
    int choiceCount = sequence.variant().alphabet(0).size();
    for (int choice = 0; choice < choiceCount; choice++) {
      List<Integer> choices = new ArrayList<>(sequence.choices());
      choices.add(choice);
      CrashSequence longer = new CrashSequence(sequence.variant(), List.copyOf(choices));
      if (longer.possible()) {
        all.add(longer);
        extend(longer, more - 1, all);
      }
    }
  }

  /** The steps, and a flush. */
  List<CrashStep> steps() {
    List<CrashStep> steps = new ArrayList<>();
    for (int position = 0; position < choices.size(); position++) {
      steps.add(variant.alphabet(position).get(choices.get(position)));
    }
    steps.add(new CrashStep.Flush());
    return steps;
  }

  /**
   * Whether no step goes beyond the end that an earlier one has set, every snapshot inside the
   * image that one names is there, and none that one creates.
   */
  private boolean possible() {
    int size = variant.sectorCount();
    Map<String, Integer> snapshots = new HashMap<>();
    snapshots.put(CrashAlphabet.BEFORE, size);
    for (CrashStep step : steps()) {
      if (end(step) > size || !named(step, snapshots.keySet())) {
        return false;
      }
      switch (step) {
        case CrashStep.Resize resize -> size = resize.sectorCount();
        case CrashStep.CreateInternal(String name) -> snapshots.put(name, size);
        case CrashStep.ApplyInternal(String name) -> size = snapshots.get(name);
        case CrashStep.DeleteInternal(String name) -> snapshots.remove(name);
        default -> {}
      }
    }
    return true;
  }

  private static int end(CrashStep step) {
    return switch (step) {
      case CrashStep.Write write -> write.sectorIndex() + write.count();
      case CrashStep.WriteCompressed write -> write.sectorIndex() + write.count();
      case CrashStep.Zero zero -> zero.sectorIndex() + zero.count();
      case CrashStep.Discard discard -> discard.sectorIndex() + discard.count();
      default -> 0;
    };
  }

  private static boolean named(CrashStep step, Set<String> snapshots) {
    return switch (step) {
      case CrashStep.CreateInternal(String name) -> !snapshots.contains(name);
      case CrashStep.ApplyInternal(String name) -> snapshots.contains(name);
      case CrashStep.DeleteInternal(String name) -> snapshots.contains(name);
      default -> true;
    };
  }
}
