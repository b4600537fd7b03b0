package dev.platter.conf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.BlockEvent;
import dev.platter.api.driver.CachedFormat;
import dev.platter.api.driver.CachedFormat.CacheStats;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionValue;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.CreateRequest;
import dev.platter.graph.DriverRegistry;
import dev.platter.graph.FormatNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Option strings with the drivers there are, down to open nodes. */
class OpenedDriveTest {
  private static final long SIZE = 1L << 30;
  private static final long LAST_INCOMPATIBLE_OFFSET = 79;

  private final DriverRegistry drivers = DriverRegistry.discover();
  @TempDir Path folder;
  private BlockGraph graph;

  @BeforeEach
  void createImages() throws IOException {
    graph = BlockGraph.builder(drivers).fileNames(new DriveParser(drivers)::parseFileName).build();
    graph.create(CreateRequest.of("qcow2", path("base"), SIZE));
    graph.create(CreateRequest.overlay("qcow2", path("a,b:$c"), "base", "qcow2"));
  }

  @AfterEach
  void closeGraph() throws IOException {
    graph.close();
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private String file(String name) {
    return OptionString.write("file", path(name));
  }

  private BlockNode open(String text) throws IOException {
    return graph.open(DriveSpec.parse(text, drivers).node());
  }

  private static String sizes(BlockNode node) {
    List<CacheStats> stats = ((CachedFormat) ((FormatNode) node).driver()).cacheStats();
    return stats.stream()
        .map(cache -> cache.name() + "=" + cache.capacityBytes())
        .toList()
        .toString();
  }

  private String refusal(String text) {
    OptionException refusal = catchThrowableOfType(OptionException.class, () -> open(text));
    return DriveSyntaxException.locate(text, refusal).report().replace(folder.toString(), "F");
  }

  @Test
  void chainOpensByNameWithCommaAndColon() throws Exception {
    BlockNode top = open(file("a,b:$c"));
    assertThat(top.size()).isEqualTo(SIZE);
    assertThat(graph.chainOf(top)).hasSize(2);
  }

  @Test
  void jsonNameOpensTheSameImage() throws Exception {
    BlockNode top =
        open(
            "file=json:{\"driver\":\"qcow2\",,\"file\":{\"driver\":\"file\",,\"filename\":\""
                + path("base")
                + "\"}}");
    assertThat(top.size()).isEqualTo(SIZE);
  }

  @Test
  void threeWaysToSizeCachesAreTheSame() throws Exception {
    for (String option :
        List.of("l2-cache-size=2097152", "refcount-cache-size=512K", "cache-size=2.5M")) {
      BlockNode node = open(file("base") + ",format=qcow2," + option);
      assertThat(sizes(node)).as(option).isEqualTo("[l2=2097152, refcount=524288]");
      graph.close(node);
    }
  }

  @Test
  void optionsOfBackingNodeReachIt() throws Exception {
    BlockNode top = open(file("a,b:$c") + ",l2-cache-size=2M,backing.l2-cache-size=4M");
    List<BlockNode> chain = graph.chainOf(top);
    assertThat(sizes(chain.get(0))).isEqualTo("[l2=2097152, refcount=524288]");
    assertThat(sizes(chain.get(1))).isEqualTo("[l2=4194304]");
  }

  @Test
  void siteDefaultMakesCacheSizeStick() throws Exception {
    SiteDefaults site =
        SiteDefaults.load(drivers, Map.of(), Map.of("platter.driver.qcow2.l2-cache-size", "2M"));
    try (BlockGraph sited =
        BlockGraph.builder(drivers).driverDefaults(site.driverDefaults()).build()) {
      BlockNode top = sited.open(site.parser().parse(file("a,b:$c")).drive().node());
      assertThat(sited.chainOf(top))
          .extracting(OpenedDriveTest::sizes)
          .containsExactly("[l2=2097152, refcount=524288]", "[l2=2097152]");
      BlockNode other =
          sited.open(
              site.parser().parse(file("base") + ",read-only=on,l2-cache-size=4M").drive().node());
      assertThat(sizes(other)).startsWith("[l2=4194304");
    }
  }

  @Test
  void siteDefaultGivesWayToSizesInTheString() throws Exception {
    SiteDefaults site =
        SiteDefaults.load(drivers, Map.of(), Map.of("platter.driver.qcow2.cache-size", "1M"));
    try (BlockGraph sited =
        BlockGraph.builder(drivers).driverDefaults(site.driverDefaults()).build()) {
      for (String sizes :
          List.of("l2-cache-size=2M,refcount-cache-size=512K", "l2-cache-size=2M")) {
        BlockNode node = sited.open(site.parser().parse(file("base") + "," + sizes).drive().node());
        assertThat(sizes(node)).as(sizes).isEqualTo("[l2=2097152, refcount=524288]");
        sited.close(node);
      }
    }
  }

  @Test
  void siteDefaultThatDoesNotFitAnImageIsLeftOutWithAWarning() throws Exception {
    graph.create(CreateRequest.of("qcow2", path("big"), SIZE).with("cluster_size", "2M"));
    SiteDefaults site =
        SiteDefaults.load(drivers, Map.of(), Map.of("platter.driver.qcow2.l2-cache-size", "1M"));
    List<String> events = new ArrayList<>();
    try (BlockGraph sited =
        BlockGraph.builder(drivers)
            .driverDefaults(site.driverDefaults())
            .events(event -> events.add(event.toString()))
            .build()) {
      BlockNode node = sited.open(site.parser().parse(file("big") + ",node-name=n").drive().node());
      assertThat(sizes(node)).isEqualTo("[l2=16777216, refcount=8388608]");
    }
    assertThat(events).hasSize(1);
    assertThat(events.getFirst())
        .contains("nodeName=n", "default of the site", "l2-cache-size must be a multiple");
  }

  @Test
  void eventCarriesTheNameOfTheNode() throws Exception {
    try (FileChannel file = FileChannel.open(folder.resolve("base"), StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(new byte[] {1}), LAST_INCOMPATIBLE_OFFSET); // not closed properly
    }
    List<BlockEvent> events = new ArrayList<>();
    try (BlockGraph heard = BlockGraph.builder(drivers).events(events::add).build()) {
      heard.open(DriveSpec.parse(file("base") + ",format=qcow2,node-name=n", drivers).node());
    }
    assertThat(events).extracting(BlockEvent::nodeName).containsExactly("n");
  }

  @Test
  void noBackingFileIsOpenedIfNoneIsWanted() throws Exception {
    assertThat(graph.chainOf(open(file("a,b:$c") + ",backing="))).hasSize(1);
  }

  @Test
  void nodeOfBlockdevIsUsedByItsName() throws Exception {
    graph.open(
        Blockdev.parse(
            "{\"driver\":\"file\",\"node-name\":\"f0\",\"read-only\":true,\"filename\":\""
                + path("base")
                + "\"}",
            drivers));
    BlockNode node = open("file=json:{\"driver\":\"qcow2\",,\"file\":\"f0\"},read-only=on");
    assertThat(node.size()).isEqualTo(SIZE);
  }

  @Test
  void refusalByDriverIsShownInOptionString() {
    assertThat(refusal(file("base") + ",l2-cache-size=100000"))
        .contains("\n  file=F/base,l2-cache-size=100000\n")
        .contains("65536")
        .contains("131072");
    assertThat(refusal(file("base") + ",cache-size=1M,l2-cache-size=1M,refcount-cache-size=1M"))
        .startsWith(
            "cache-size, l2-cache-size and refcount-cache-size may not be set at the same time");
  }

  @Test
  void valuesOfNodeAreThoseOfString() throws Exception {
    assertThat(DriveSpec.parse(file("base") + ",discard=unmap", drivers).node().options())
        .containsEntry("discard", OptionValue.of("unmap"));
  }
}
