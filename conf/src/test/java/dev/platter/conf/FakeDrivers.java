package dev.platter.conf;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.BlockDriverProvider;
import dev.platter.api.driver.DriverLookup;
import dev.platter.api.driver.FilterDriverProvider;
import dev.platter.api.driver.FilterOpening;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.api.driver.FormatOpening;
import dev.platter.api.driver.ProtocolDriverProvider;
import dev.platter.api.driver.ProtocolOpening;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValues;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Drivers that declare options and open nothing. */
final class FakeDrivers implements DriverLookup {
  private static final Option<String> OVERLAP_CHECK =
      Option.text("overlap-check").doc("What is checked.").build();
  private static final Option<String> OVERLAP_TEMPLATE =
      Option.text("overlap-check.template").doc("What is checked.").build();

  private static final OptionSchema QCOW2 =
      OptionSchema.of(
          Option.size("l2-cache-size").doc("Bytes of L2 tables.").since("2.2").build(),
          Option.size("refcount-cache-size").doc("Bytes of refcounts.").since("2.2").build(),
          Option.size("cache-size").doc("Bytes of both.").since("2.2").build(),
          Option.number("cache-clean-interval", 0, 0xffff_ffffL, "Cache clean interval too big")
              .doc("Seconds.")
              .build(),
          Option.flag("lazy-refcounts").doc("Postpone refcounts.").since("1.7").build(),
          OVERLAP_CHECK,
          OVERLAP_TEMPLATE);

  private static final OptionSchema FILE =
      OptionSchema.of(
          Option.text("filename").doc("The path.").build(),
          Option.choice("aio", Aio.class)
              .defaultValue(Aio.THREADS)
              .doc("How.")
              .notSupportedYet(aio -> aio != Aio.THREADS)
              .build(),
          Option.text("locking").defaultText("auto").doc("Locks.").build());

  private static final OptionSchema RAW =
      OptionSchema.of(
          Option.size("offset").doc("Where it begins.").build(),
          Option.size("size").doc("How long it is.").conflictsWith("whole").build(),
          Option.flag("whole").doc("All of it.").build());

  private final List<BlockDriverProvider> drivers =
      List.of(
          new FakeProtocol("file", FILE),
          new FakeFormat("qcow2", QCOW2, Set.of("file", "backing", "data-file")),
          new FakeFormat("raw", RAW, Set.of("file")),
          new FakeFilter("throttle"));

  @Override
  public Optional<BlockDriverProvider> find(String name) {
    return drivers.stream().filter(driver -> driver.name().equals(name)).findFirst();
  }

  @Override
  public List<BlockDriverProvider> all() {
    return drivers;
  }

  private record FakeFormat(String name, OptionSchema options, Set<String> childRoles)
      implements FormatDriverProvider {
    @Override
    public String description() {
      return "A format for tests.";
    }

    @Override
    public Set<String> unsupportedRoles() {
      return Set.of("data-file");
    }

    @Override
    public List<OptionProblem> validate(OptionValues values) {
      boolean both =
          values.given(OVERLAP_CHECK).isPresent() && values.given(OVERLAP_TEMPLATE).isPresent();
      return both
          ? List.of(
              OptionProblem.between(
                  List.of("overlap-check", "overlap-check.template"), "one of them is enough"))
          : List.of();
    }

    @Override
    public int probe(MemorySegment head, String fileName) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FormatDriver open(FormatOpening opening) {
      throw new UnsupportedOperationException();
    }
  }

  private record FakeProtocol(String name, OptionSchema options) implements ProtocolDriverProvider {
    @Override
    public String description() {
      return "A protocol for tests.";
    }

    @Override
    public BlockNode open(ProtocolOpening opening) {
      throw new UnsupportedOperationException();
    }
  }

  private record FakeFilter(String name) implements FilterDriverProvider {
    @Override
    public String description() {
      return "A filter for tests.";
    }

    @Override
    public OptionSchema options() {
      return OptionSchema.empty();
    }

    @Override
    public BlockNode open(FilterOpening opening) {
      throw new UnsupportedOperationException();
    }
  }
}
