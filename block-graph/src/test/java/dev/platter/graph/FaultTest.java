package dev.platter.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BackingReference;
import dev.platter.api.BlockNode;
import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.AmendableFormat.Amendment;
import dev.platter.api.error.BlockException;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValue;
import dev.platter.api.spec.NodeSpec;
import dev.platter.tck.fake.FaultyNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Every call to every file fails once, in every scenario. */
class FaultTest {
  private static final int CLUSTER = TestGraph.CLUSTER;
  private static final int SIZE = 4 * CLUSTER;

  /** Something done to a disk that holds ones. */
  private interface Action {
    void run(TestGraph test, BlockBackend disk) throws IOException;
  }

  /**
   * @param end first byte after those that the action changes; it changes from byte 100 on
   * @param value what it changes them to
   */
  private record Step(String name, int end, int value, Action action) {}

  private static final List<Step> STEPS =
      List.of(
          new Step("read", 0, 1, (test, disk) -> disk.read(0, new byte[SIZE])),
          new Step("flush", 0, 1, (test, disk) -> disk.flush()),
          new Step(
              "write",
              100 + 2 * CLUSTER,
              2,
              (test, disk) -> disk.write(100, filled(2 * CLUSTER, 2))),
          new Step(
              "zero",
              100 + 2 * CLUSTER,
              0,
              (test, disk) -> disk.writeZeroes(100, 2 * CLUSTER, ZeroMode.MAY_UNMAP)),
          new Step(
              "snapshot",
              110,
              2,
              (test, disk) -> {
                NodeSpec overlay = test.graph.createOverlay(disk, "toy", "/over", Map.of());
                test.graph.snapshot(disk, overlay);
                disk.write(100, filled(10, 2));
              }));

  @Test
  void failureOfAnyCallLeavesEachByteOldOrNewAndTheDiskUsable() throws IOException {
    for (Step step : STEPS) {
      int nth = 1;
      while (runWithFault(step, nth)) {
        nth++;
      }
      assertThat(nth).as("calls that can fail in " + step.name()).isGreaterThan(1);
    }
  }

  /** Returns whether a call failed. */
  private static boolean runWithFault(Step step, int nth) throws IOException {
    String where = "%s, call %d".formatted(step.name(), nth);
    try (TestGraph test = new TestGraph()) {
      List<FaultyNode> faults = createChain(test);
      BlockBackend disk = test.graph.openBackend(TestGraph.toy("/top"));
      faults.forEach(fault -> fault.failNth(FaultyNode.Kind.ALL, nth, Errno.EIO));
      try {
        step.action().run(test, disk);
      } catch (BlockException e) {
        assertThat(e).as(where).hasMessageContaining("injected");
      }
      boolean failed = faults.stream().anyMatch(fault -> fault.failures() > 0);
      faults.forEach(FaultyNode::heal);
      byte[] found = new byte[SIZE];
      disk.read(0, found);
      for (int i = 0; i < SIZE; i++) {
        boolean changed = i >= 100 && i < step.end() && found[i] == step.value();
        assertThat(found[i] == 1 || changed).as("%s, byte 0x%x", where, i).isTrue();
      }
      if (!disk.readOnly()) {
        disk.write(50, filled(CLUSTER, 2));
        disk.flush();
      }
      disk.close();
      assertThat(test.files.openFiles()).as(where).isEmpty();
      return failed;
    }
  }

  @Test
  void failureOfAnyCallWhileOpeningLeavesNothingOpen() throws IOException {
    int nth = 1;
    int failures = 0;
    boolean failed = true;
    while (failed) {
      failed = false;
      try (TestGraph test = new TestGraph()) {
        List<FaultyNode> faults = createChain(test);
        int call = nth;
        for (String file : List.of("/base", "/top")) {
          test.files.wrap(
              file,
              node -> {
                FaultyNode fault = new FaultyNode(node);
                faults.add(fault.failNth(FaultyNode.Kind.ALL, call, Errno.EIO));
                return fault;
              });
        }
        try (BlockNode disk = test.open(TestGraph.probed("/top").named("d"))) {
          assertThat(disk.name()).isEqualTo("d");
        } catch (BlockException e) {
          failed = true;
          failures++;
          assertThat(test.files.openFiles()).isEmpty();
          assertThat(test.graph.nodes()).isEmpty();
        }
      }
      nth++;
    }
    assertThat(failures).isGreaterThan(2);
  }

  /** How a disk comes to be larger. */
  private interface Growing {
    void grow(FormatNode image, long size) throws IOException;
  }

  @Test
  void growthThatCannotBeMadeToReadAsZerosIsTakenBack() throws IOException {
    growsOnlyWithZeros((image, size) -> image.resize(size, Preallocation.OFF));
  }

  @Test
  void amendmentThatCannotBeMadeToReadAsZerosIsTakenBack() throws IOException {
    growsOnlyWithZeros(
        (image, size) -> {
          Map<String, OptionValue> given = Map.of("size", OptionValue.of(Long.toString(size)));
          image.amend(
              new Amendment(OptionSchema.of(ToyFormat.SIZE).read("amend", given), false, _ -> {}));
        });
  }

  private static void growsOnlyWithZeros(Growing growing) throws IOException {
    try (TestGraph test = new TestGraph()) {
      List<FaultyNode> faults = createChain(test);
      test.graph.create(
          new CreateRequest(
                  "toy",
                  "/small",
                  OptionalLong.of(CLUSTER),
                  Optional.of(new BackingReference("/base", Optional.of("toy"))),
                  Map.of(),
                  false)
              .with("zeroes", "off"));
      test.files.wrap(
          "/small",
          node -> {
            faults.add(new FaultyNode(node).failNth(FaultyNode.Kind.WRITE, 1, Errno.ENOSPC));
            return faults.getLast();
          });
      try (BlockNode disk = test.open(TestGraph.toy("/small"))) {
        FormatNode image = (FormatNode) disk;
        assertThatThrownBy(() -> growing.grow(image, 3 * CLUSTER))
            .isInstanceOf(BlockIoException.class);
        assertThat(disk.size()).isEqualTo(CLUSTER);
        growing.grow(image, 3 * CLUSTER);
        byte[] found = new byte[2 * CLUSTER];
        disk.read(CLUSTER, found);
        assertThat(found).containsOnly(0);
      }
    }
  }

  private static List<FaultyNode> createChain(TestGraph test) throws IOException {
    List<FaultyNode> faults = new ArrayList<>();
    test.createToy("/base", SIZE);
    test.createToy("/top", SIZE, "/base", "toy");
    try (BlockNode base = test.open(TestGraph.toy("/base"))) {
      base.write(0, filled(SIZE, 1));
    }
    for (String file : List.of("/base", "/top")) {
      test.files.wrap(
          file,
          node -> {
            FaultyNode fault = new FaultyNode(node);
            faults.add(fault);
            return fault;
          });
    }
    return faults;
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }
}
