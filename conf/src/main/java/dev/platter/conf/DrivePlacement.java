package dev.platter.conf;

import dev.platter.api.option.OptionProblem;
import java.util.HashSet;
import java.util.Set;

/** Gives drives their places and names, in the order in which they come. */
final class DrivePlacement {
  private final DriveInterface machineDefault;
  private final Problems problems;
  private final Set<Slot> taken = new HashSet<>();
  private final Set<String> ids = new HashSet<>();

  DrivePlacement(DriveInterface machineDefault, Problems problems) {
    this.machineDefault = machineDefault;
    this.problems = problems;
  }

  private record Slot(DriveInterface type, int bus, int unit) {}

  PlacedDrive place(DriveSpec spec, SourceText.Place place) {
    DriveDevice device = spec.device();
    DriveInterface type = device.interfaceType().orElse(machineDefault);
    Slot slot = slot(device, type);
    if (!taken.add(slot)) {
      int index = type.unitsPerBus() == 0 ? slot.unit : slot.bus * type.unitsPerBus() + slot.unit;
      problems.add(
          OptionProblem.of(
              "",
              "drive with bus=%d, unit=%d (index=%d) exists".formatted(slot.bus, slot.unit, index)),
          place);
    }
    String id = device.id().orElseGet(() -> madeName(slot, device.media()));
    if (!ids.add(id) && device.id().isPresent()) {
      problems.add(OptionProblem.of("id", "Duplicate ID '%s' for drive".formatted(id)), place);
    }
    return new PlacedDrive(spec, id, type, slot.bus, slot.unit);
  }

  private Slot slot(DriveDevice device, DriveInterface type) {
    int perBus = type.unitsPerBus();
    if (device.index().isPresent()) {
      int index = device.index().getAsInt();
      return perBus == 0
          ? new Slot(type, 0, index)
          : new Slot(type, index / perBus, index % perBus);
    }
    int bus = device.bus().orElse(0);
    if (device.unit().isPresent()) {
      return new Slot(type, bus, device.unit().getAsInt());
    }
    int unit = 0;
    while (taken.contains(new Slot(type, bus, unit))) {
      unit++;
      if (perBus > 0 && unit >= perBus) {
        unit = 0;
        bus++;
      }
    }
    return new Slot(type, bus, unit);
  }

  private static String madeName(Slot slot, DriveMedia media) {
    boolean hasMedia = slot.type == DriveInterface.IDE || slot.type == DriveInterface.SCSI;
    String kind = media == DriveMedia.CDROM ? "-cd" : "-hd";
    return slot.type.word()
        + (slot.type.unitsPerBus() > 0 ? slot.bus : "")
        + (hasMedia ? kind : "")
        + slot.unit;
  }
}
