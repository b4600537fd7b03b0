package dev.platter.qcow2;

import dev.platter.tck.format.CrashStep;
import java.util.ArrayList;
import java.util.List;

/** A sequence of steps on one variant, as a number: so that a campaign can go in any order. */
record CrashSequence(CrashVariant variant, List<Integer> choices) {

  /** Every sequence of one to {@code maximumLength} steps on every variant. */
  static List<CrashSequence> all(int maximumLength) {
    List<CrashSequence> all = new ArrayList<>();
    for (CrashVariant variant : CrashVariant.all()) {
      extend(new CrashSequence(variant, List.of()), maximumLength, all);
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

  /** Whether no step goes beyond the end that an earlier one has set. */
  private boolean possible() {
    int size = variant.sectorCount();
    for (CrashStep step : steps()) {
      int end =
          switch (step) {
            case CrashStep.Write write -> write.sectorIndex() + write.count();
            case CrashStep.WriteCompressed write -> write.sectorIndex() + write.count();
            case CrashStep.Zero zero -> zero.sectorIndex() + zero.count();
            case CrashStep.Discard discard -> discard.sectorIndex() + discard.count();
            case CrashStep.Resize _, CrashStep.Snapshot _, CrashStep.Commit _, CrashStep.Flush _ ->
                0;
          };
      if (end > size) {
        return false;
      }
      size = step instanceof CrashStep.Resize resize ? resize.sectorCount() : size;
    }
    return true;
  }
}
