package dev.platter.conf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.driver.ThrottleLimits;
import dev.platter.api.driver.ThrottleLimits.Rate;
import dev.platter.api.option.OptionValue;
import dev.platter.api.spec.ChildSpec;
import dev.platter.api.spec.NodeSpec;
import dev.platter.tck.Seeds;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code parse} and {@code toString} are inverses. */
class DriveSpecRoundTripTest {
  private static final int SPECS = 2_000;
  private static final List<String> PIECES =
      List.of(
          ",",
          ",,",
          "=",
          ":",
          "json:",
          "file:",
          "nbd:",
          "/",
          "\\",
          "@",
          "${user.home}",
          "${",
          "$",
          "'",
          "\"",
          "{",
          "}",
          " ",
          "\t",
          "\n",
          "no",
          "file.",
          ".",
          "%41",
          "ä",
          "日本",
          "😀",
          "\u0301",
          "a",
          "b1",
          "disk",
          "on",
          "");

  private final FakeDrivers drivers = new FakeDrivers();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file=a.qcow2",
        "file=my,,file.qcow2,format=qcow2,cache=none,l2-cache-size=2.5M",
        "file=a,if=virtio,id=d0,index=3,media=cdrom,read-only=on,rerror=stop,werror=report",
        "file=a,node-name=top,auto-read-only=off,discard=unmap,snapshot=on",
        "file=a,file.aio=threads,file.locking=off,file.node-name=f0",
        "file.filename=json:a",
        "file.filename=nbd:a,,b,file.locking=off",
        "file=a,backing=",
        "file=a,backing=n0",
        "file=a,backing.driver=qcow2,backing.file.filename=b,backing.backing=n0",
        "file=a,file.driver=raw",
        "driver=file,filename=a",
        "driver=throttle,file.driver=file,file.filename=a",
        "file=json:{\"file\":\"n0\"},format=raw",
        "file=a,format=raw,offset=512,size=1M",
        "file=a,bps=4096,bps_max=8192,throttling.bps-total-max-length=3,group=a,,b",
        "file=a,iops_rd=0x10,throttling.iops-write=7,iops_size=512,bps=0",
      })
  void canonicalStringParsesToSameDrive(String text) throws Exception {
    assertRoundTrip(DriveSpec.parse(text, drivers));
  }

  @Test
  void canonicalStringIsShort() throws Exception {
    String text =
        "driver=qcow2,file.driver=file,file.filename=a,,b,cache.direct=on,cache.writeback=on,"
            + "cache.no-flush=off,media=disk,if=virtio,readonly=off";
    assertThat(DriveSpec.parse(text, drivers))
        .hasToString("file=a,,b,format=qcow2,cache=none,read-only=off,if=virtio");
  }

  @Test
  void canonicalStringOfCanonicalStringIsItself() throws Exception {
    String text = DriveSpec.parse("format=raw,size=1M,file=x,aio=threads", drivers).toString();
    assertThat(DriveSpec.parse(text, drivers)).hasToString(text);
  }

  @Test
  void whatIsBuiltWithoutStringSurvives() throws Exception {
    NodeSpec file = NodeSpec.probed().with("filename", "a");
    assertRoundTrip(
        DriveSpec.of(
            NodeSpec.of("qcow2")
                .with("lazy-refcounts", OptionValue.of(true))
                .with("l2-cache-size", OptionValue.of(1 << 20))
                .withChild("file", file)
                .withChild("backing", NodeSpec.probed())));
    assertRoundTrip(DriveSpec.of(file));
  }

  @Test
  void everyPathSurvives() {
    Seeds.run(
        random -> {
          for (int i = 0; i < SPECS; i++) {
            assertRoundTrip(DriveSpec.of(NodeSpec.probed().withChild("file", file(random))));
          }
        });
  }

  @Test
  void everyTreeOfNodesSurvives() {
    Seeds.run(
        random -> {
          for (int i = 0; i < SPECS; i++) {
            assertRoundTrip(
                new DriveSpec(
                    tree(random, 4),
                    device(random),
                    random.nextBoolean(),
                    random.nextBoolean(),
                    throttling(random)));
          }
        });
  }

  @Test
  void deepestNestingSurvives() throws Exception {
    NodeSpec node = NodeSpec.probed().withChild("file", NodeSpec.file("base"));
    for (int depth = 1; depth < NodeReader.MAXIMUM_DEPTH; depth++) {
      node = NodeSpec.probed().withChild("backing", node);
    }
    assertRoundTrip(DriveSpec.of(node.withChild("file", NodeSpec.file("top"))));
  }

  private void assertRoundTrip(DriveSpec drive) throws Exception {
    String text = drive.toString();
    assertThat(DriveSpec.parse(text, drivers)).as(text).isEqualTo(drive);
  }

  private static NodeSpec tree(RandomGenerator random, int depth) {
    NodeSpec node = random.nextBoolean() ? NodeSpec.of("qcow2") : NodeSpec.probed();
    if (random.nextInt(3) == 0) {
      node = node.named("n" + random.nextInt(100));
    }
    if (random.nextInt(3) == 0) {
      node = node.with("l2-cache-size", random.nextInt(100) + "." + random.nextInt(10) + "M");
    }
    if (random.nextInt(3) == 0) {
      CacheMode mode = any(random, List.of(CacheMode.values()));
      for (var flag : mode.flags().entrySet()) {
        node = node.with(flag.getKey(), flag.getValue());
      }
    }
    node = node.withChild("file", file(random));
    return switch (random.nextInt(5)) {
      case 0 -> node.withChild("backing", new ChildSpec.None());
      case 1 -> node.withChild("backing", new ChildSpec.Reference("n" + random.nextInt(9)));
      case 2 -> node;
      default -> depth == 0 ? node : node.withChild("backing", tree(random, depth - 1));
    };
  }

  private static NodeSpec file(RandomGenerator random) {
    StringBuilder path = new StringBuilder("x");
    int pieces = random.nextInt(6);
    for (int i = 0; i < pieces; i++) {
      path.append(any(random, PIECES));
    }
    NodeSpec file = NodeSpec.file(path.substring(pieces == 0 ? 0 : 1));
    return random.nextInt(4) == 0 ? file.with("locking", "a,b=" + random.nextInt()) : file;
  }

  private static DriveDevice device(RandomGenerator random) {
    boolean byIndex = random.nextBoolean();
    OptionalInt none = OptionalInt.empty();
    return new DriveDevice(
        random.nextBoolean() ? Optional.of("d" + random.nextInt(10)) : Optional.empty(),
        random.nextBoolean() ? Optional.of(DriveInterface.VIRTIO) : Optional.empty(),
        byIndex ? none : OptionalInt.of(random.nextInt(9)),
        byIndex ? none : OptionalInt.of(random.nextInt(9)),
        byIndex ? OptionalInt.of(random.nextInt(9)) : none,
        any(random, List.of(DriveMedia.values())),
        any(random, List.of(ErrorAction.IGNORE, ErrorAction.STOP, ErrorAction.REPORT)),
        any(random, List.of(ErrorAction.values())));
  }

  private static Optional<DriveThrottling> throttling(RandomGenerator random) {
    if (random.nextBoolean()) {
      return Optional.empty();
    }
    Rate none = new Rate(0, 0, 1);
    long average = random.nextLong(1, 1000);
    Rate burst = new Rate(average, average + random.nextLong(1000), random.nextLong(1, 9));
    Rate plain = new Rate(average, 0, 1);
    boolean both = random.nextBoolean();
    ThrottleLimits limits =
        new ThrottleLimits(
            both ? burst : none,
            both ? none : plain,
            none,
            none,
            burst,
            any(random, List.of(none, plain)),
            random.nextLong(3));
    return Optional.of(
        new DriveThrottling(limits, any(random, List.of(Optional.empty(), Optional.of("g,1")))));
  }

  private static <T> T any(RandomGenerator random, List<T> values) {
    return values.get(random.nextInt(values.size()));
  }
}
