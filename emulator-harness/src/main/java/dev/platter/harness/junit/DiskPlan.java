package dev.platter.harness.junit;

import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionValue;
import dev.platter.api.option.SizeText;
import dev.platter.harness.blk.BlkOptions;
import dev.platter.harness.guest.DriverOptions;
import dev.platter.harness.virtio.RingFeatures;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.ParameterContext;

/**
 * What the annotations of a parameter ask for.
 *
 * @param formats the format of each image, the base first; {@code memory} alone for none
 * @param create creation options of the images, as far as they are of the top's format
 * @param drive options of the drive
 * @param check whether images are checked in the end
 */
record DiskPlan(
    List<String> formats,
    long sizeBytes,
    Map<String, OptionValue> create,
    String drive,
    boolean check,
    BlkOptions device,
    DriverOptions driver,
    int workerCount,
    List<Fault> faults) {

  static final String MEMORY = "memory";
  private static final String OVERLAY_FORMAT = "qcow2";

  static DiskPlan of(ParameterContext parameter) throws OptionException {
    var disk = parameter.findAnnotation(Disk.class);
    if (disk.isPresent()) {
      Disk asked = disk.get();
      return of(
          parameter,
          List.of(asked.format()),
          asked.size(),
          asked.create(),
          asked.drive(),
          asked.check());
    }
    Chain chain = parameter.findAnnotation(Chain.class).orElseThrow();
    String[] formats = new String[1 + chain.overlays()];
    Arrays.fill(formats, OVERLAY_FORMAT);
    formats[0] = chain.base();
    return of(
        parameter, List.of(formats), chain.size(), chain.create(), chain.drive(), chain.check());
  }

  private static DiskPlan of(
      ParameterContext parameter,
      List<String> formats,
      String size,
      String[] create,
      String drive,
      boolean check)
      throws OptionException {
    BlkOptions device = BlkOptions.DEFAULT;
    DriverOptions driver = DriverOptions.DEFAULT;
    int workerCount = 0;
    var guest = parameter.findAnnotation(Guest.class);
    if (guest.isPresent()) {
      Guest asked = guest.get();
      int block = asked.logicalBlockBytes();
      device =
          BlkOptions.builder()
              .queues(asked.queues(), asked.queueSize())
              .blockSizes(block, block)
              .serial(asked.serial())
              .build();
      workerCount = asked.workers();
      driver =
          driver
              .without(asked.indirect() ? 0 : RingFeatures.INDIRECT_DESC)
              .without(asked.eventIndex() ? 0 : RingFeatures.EVENT_IDX);
    }
    return new DiskPlan(
        formats,
        SizeText.bytes("size", size).longValueExact(),
        options(create),
        drive,
        check,
        device,
        driver,
        workerCount,
        parameter.findRepeatableAnnotations(Fault.class));
  }

  private static Map<String, OptionValue> options(String[] create) {
    Map<String, OptionValue> options = new LinkedHashMap<>();
    for (String option : create) {
      int equals = option.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException("'%s' is not option=value".formatted(option));
      }
      options.put(option.substring(0, equals), OptionValue.of(option.substring(equals + 1)));
    }
    return options;
  }

  String topFormat() {
    return formats.getLast();
  }

  boolean inMemory() {
    return formats.getFirst().equals(MEMORY);
  }
}
