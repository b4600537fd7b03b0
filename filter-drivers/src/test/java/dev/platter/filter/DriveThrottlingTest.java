package dev.platter.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.driver.DriverLookup;
import dev.platter.api.driver.Secrets;
import dev.platter.api.driver.ThrottleGroup;
import dev.platter.api.driver.ThrottleGroups;
import dev.platter.api.driver.ThrottleLimits;
import dev.platter.conf.DriveParser;
import dev.platter.graph.DriverRegistry;
import dev.platter.harness.BlockRuntime;
import dev.platter.harness.Drive;
import dev.platter.harness.NamedObjects;
import dev.platter.harness.RuntimeSettings;
import dev.platter.tck.fake.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Drives with limits ({@code throttling.*}), by a clock that moves when somebody sleeps. */
class DriveThrottlingTest {
  private final ManualClock clock = new ManualClock();
  @TempDir private Path folder;

  @BeforeEach
  void createDisks() throws IOException {
    for (String name : new String[] {"a", "b"}) {
      Files.write(folder.resolve(name), new byte[1 << 20]);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "throttling.iops-total=100",
        "iops=100,snapshot=on",
        "iops_rd=100,iops_wr=1",
        "iops=100,id=disk,throttling.group=g"
      })
  void requestsWaitForTheLimitsOfTheirDrive(String limits) throws IOException {
    try (BlockRuntime runtime = runtime(ThrottleGroups.NONE);
        Drive drive = open(runtime, "a", limits)) {
      read(drive, 11);
      assertThat(seconds()).isZero();
      read(drive, 100);
      assertThat(seconds()).isEqualTo(1.0);
    }
  }

  @Test
  void drivesThatNameAGroupShareTheLimitsOfTheOneThatWasOpenedLast() throws IOException {
    try (BlockRuntime runtime = runtime(ThrottleGroups.NONE);
        Drive first = open(runtime, "a", "iops=1,throttling.group=g");
        Drive second = open(runtime, "b", "iops=10,throttling.group=g")) {
      read(first, 1);
      read(second, 1);
      assertThat(seconds()).isZero();
      read(first, 1);
      assertThat(seconds()).isEqualTo(0.1);
      read(second, 10);
      assertThat(seconds()).isEqualTo(1.1);
    }
  }

  @Test
  void drivesWithoutAGroupHaveLimitsOfTheirOwn() throws IOException {
    try (BlockRuntime runtime = runtime(ThrottleGroups.NONE);
        Drive first = open(runtime, "a", "iops=10");
        Drive second = open(runtime, "b", "iops=10")) {
      read(first, 2);
      read(second, 2);
      assertThat(seconds()).isZero();
    }
  }

  @Test
  void groupEndsWithItsLastDrive() throws IOException {
    try (BlockRuntime runtime = runtime(ThrottleGroups.NONE)) {
      try (Drive drive = open(runtime, "a", "iops=10,throttling.group=g")) {
        read(drive, 2);
      }
      try (Drive drive = open(runtime, "a", "throttling.group=g")) {
        read(drive, 100);
      }
      assertThat(seconds()).isZero();
    }
  }

  @Test
  void groupThatAUserHasMadeTakesTheLimitsOfADriveThatNamesIt() throws IOException {
    ThrottleGroup made = new ThrottleGroup(ThrottleLimits.of(Map.of("iops-total", 1L)));
    ThrottleGroups groups = id -> Optional.of(made).filter(_ -> id.equals("made"));
    try (BlockRuntime runtime = runtime(groups);
        Drive drive = open(runtime, "a", "iops=10,throttling.group=made");
        Drive beside =
            runtime.open(
                "driver=throttle,throttle-group=made,file.driver=raw,file.file.filename="
                    + folder.resolve("b"))) {
      read(drive, 1);
      read(beside, 1);
      assertThat(seconds()).isZero();
      read(beside, 1);
      assertThat(seconds()).isEqualTo(0.1);
    }
  }

  private Drive open(BlockRuntime runtime, String name, String more) throws IOException {
    return runtime.open("file=%s,format=raw,%s".formatted(folder.resolve(name), more));
  }

  private BlockRuntime runtime(ThrottleGroups groups) {
    DriverLookup drivers = DriverRegistry.discover();
    return BlockRuntime.create(
        drivers,
        new DriveParser(drivers),
        clock,
        RuntimeSettings.DEFAULT.withObjects(new NamedObjects(Secrets.NONE, groups)));
  }

  private static void read(Drive drive, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      drive.backend().read(0, new byte[512]);
    }
  }

  private double seconds() {
    return Math.rint(clock.nanoTime() / 1e6) / 1000;
  }
}
