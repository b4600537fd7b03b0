package dev.platter.conf;

import dev.platter.api.error.OptionException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;

/** Takes the device's keys out of a drive's. */
final class DeviceReader {
  private final Map<String, Entry> entries;
  private final Problems problems;

  /**
   * @param entries by key, without aliases; what is taken is removed
   */
  DeviceReader(Map<String, Entry> entries, Problems problems) {
    this.entries = entries;
    this.problems = problems;
  }

  DriveDevice read() {
    Optional<Entry> unitEntry = find(DriveKeys.UNIT);
    Optional<Entry> indexEntry = find(DriveKeys.INDEX);
    Optional<Entry> readErrorsEntry = find(DriveKeys.READ_ERRORS);
    Optional<Entry> writeErrorsEntry = find(DriveKeys.WRITE_ERRORS);
    Optional<DriveInterface> type =
        take(DriveKeys.INTERFACE, "unsupported bus type '%s'"::formatted);
    OptionalInt bus = takeInt(DriveKeys.BUS);
    OptionalInt unit = takeInt(DriveKeys.UNIT);
    OptionalInt index = takeInt(DriveKeys.INDEX);
    boolean elsewhere = bus.orElse(0) != 0 || unitEntry.isPresent();
    if (indexEntry.isPresent() && elsewhere) {
      problems.key(indexEntry.get(), "index cannot be used with bus and unit");
    }
    unitEntry.ifPresent(entry -> checkUnit(entry, type, unit));
    readErrorsEntry.ifPresent(entry -> checkErrorPolicy(entry, type));
    writeErrorsEntry.ifPresent(entry -> checkErrorPolicy(entry, type));
    return new DriveDevice(
        takeId(),
        type,
        bus,
        unit,
        index,
        take(DriveKeys.MEDIA, "'%s' invalid media"::formatted).orElse(DriveMedia.DISK),
        take(DriveKeys.READ_ERRORS, "'%s' invalid read error action"::formatted)
            .orElse(ErrorAction.REPORT),
        take(DriveKeys.WRITE_ERRORS, "'%s' invalid write error action"::formatted)
            .orElse(ErrorAction.ENOSPC));
  }

  /** The value of an option, if it is given and valid and something follows it. */
  <T> Optional<T> take(Option<T> option) {
    return take(option, UnaryOperator.identity(), false);
  }

  private <T> Optional<T> take(Option<T> option, UnaryOperator<String> words) {
    return take(option, words, true);
  }

  private <T> Optional<T> take(Option<T> option, UnaryOperator<String> words, boolean ownWords) {
    Entry entry = entries.remove(option.name());
    if (entry == null) {
      return Optional.empty();
    }
    Optional<T> value = read(option, entry, words, ownWords);
    Optional<OptionProblem> refusal = value.flatMap(given -> option.refusal(given, entry.text()));
    refusal.ifPresent(problem -> problems.add(problem, name -> entry));
    return refusal.isPresent() ? Optional.empty() : value;
  }

  private <T> Optional<T> read(
      Option<T> option, Entry entry, UnaryOperator<String> words, boolean ownWords) {
    try {
      return Optional.of(option.type().read(option.name(), entry.value().orElseThrow()));
    } catch (OptionException e) {
      OptionProblem problem = e.problems().getFirst();
      problems.value(
          entry,
          ownWords ? words.apply(entry.text()) : problem.message(),
          problem.allowed(),
          problem.suggestion());
      return Optional.empty();
    }
  }

  private Optional<Entry> find(Option<?> option) {
    return Optional.ofNullable(entries.get(option.name()));
  }

  private Optional<String> takeId() {
    Entry entry = entries.remove(DriveKeys.ID.name());
    if (entry != null) {
      Identifiers.checkId(entry, problems);
    }
    return Optional.ofNullable(entry).map(Entry::text);
  }

  private OptionalInt takeInt(Option<Long> option) {
    return take(option)
        .map(value -> OptionalInt.of(Math.toIntExact(value)))
        .orElseGet(OptionalInt::empty);
  }

  private void checkUnit(Entry entry, Optional<DriveInterface> type, OptionalInt unit) {
    int unitsPerBus = type.map(DriveInterface::unitsPerBus).orElse(0);
    if (unit.isPresent() && unitsPerBus > 0 && unit.getAsInt() >= unitsPerBus) {
      problems.value(
          entry,
          "unit %d too big (max is %d)".formatted(unit.getAsInt(), unitsPerBus - 1),
          "0 to %d".formatted(unitsPerBus - 1),
          Optional.empty());
    }
  }

  private void checkErrorPolicy(Entry entry, Optional<DriveInterface> type) {
    if (!type.map(DriveInterface::hasErrorPolicy).orElse(true)) {
      problems.key(entry, "%s is not supported by this bus type".formatted(entry.key()));
    }
  }

  /** The words of a choice. */
  static List<String> words(Option<?> option) {
    return option.type() instanceof OptionType.Choice<?> choice ? choice.words() : List.of();
  }
}
