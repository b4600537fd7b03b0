package dev.platter.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.NodeBusyException;
import dev.platter.api.error.NodeClosedException;
import dev.platter.api.error.OptionException;
import dev.platter.api.error.ReadOnlyNodeException;
import dev.platter.api.option.OptionValue;
import dev.platter.api.option.OptionValues;
import dev.platter.api.spec.ChildSpec;
import dev.platter.api.spec.GenericOptions;
import dev.platter.api.spec.GenericOptions.Discard;
import dev.platter.api.spec.NodeSpec;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names, inherited options, site defaults, ownership. */
class NodeOptionsTest {
  private TestGraph test = new TestGraph();

  @BeforeEach
  void createImages() throws IOException {
    test.createToy("/base", 8192);
    test.createToy("/top", 8192, "/base", "toy");
  }

  @AfterEach
  void nothingStaysOpen() throws IOException {
    test.close();
    assertThat(test.files.openFiles()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          1bad, Invalid node-name: '1bad'
          #block000, Invalid node-name: '#block000'
          '', Invalid node-name: ''
          a234567890123456789012345678901_, Node name too long
          taken, Duplicate nodes with node-name='taken'
          """)
  void nodeNamesAreHeldToTheRules(String name, String message) throws IOException {
    test.open(TestGraph.toy("/base").named("taken"));
    assertThatThrownBy(() -> test.open(TestGraph.toy("/top").named(name)))
        .isInstanceOf(OptionException.class)
        .hasMessage(message);
  }

  @Test
  void oneNameTwiceInOneTreeIsRefused() {
    NodeSpec spec =
        NodeSpec.of("toy").named("a").withChild("file", NodeSpec.file("/top").named("a"));
    assertThatThrownBy(() -> test.open(spec)).hasMessage("Duplicate nodes with node-name='a'");
    assertThat(test.graph.find("a")).isEmpty();
  }

  @Test
  void nodesWithoutNameGetOneThatNobodyCanGive() throws IOException {
    FormatNode top = test.open(TestGraph.toy("/top"));
    assertThat(top.name()).matches("#block\\d{3}");
    assertThat(test.graph.nodes()).hasSize(4).extracting(BlockNode::name).doesNotHaveDuplicates();
  }

  @Test
  void cacheModeGoesDownAndDiscardIsOpenBelow() throws IOException {
    test.open(
        NodeSpec.of("toy")
            .with("cache.direct", "on")
            .with("cache.no-flush", "on")
            .withChild("file", NodeSpec.file("/top").with("cache.no-flush", "off")));
    OptionValues top = test.files.openings().get(test.files.openings().size() - 2);
    OptionValues base = test.files.openings().getLast();
    assertThat(top.get(GenericOptions.CACHE_DIRECT)).isTrue();
    assertThat(top.get(GenericOptions.CACHE_NO_FLUSH)).isFalse();
    assertThat(top.get(GenericOptions.DISCARD)).isEqualTo(Discard.UNMAP);
    assertThat(top.get(GenericOptions.READ_ONLY)).isFalse();
    assertThat(base.get(GenericOptions.CACHE_DIRECT)).isTrue();
    assertThat(base.get(GenericOptions.CACHE_NO_FLUSH)).isTrue();
    assertThat(base.get(GenericOptions.READ_ONLY)).isTrue();
  }

  @Test
  void forceShareNeedsReadOnly() throws IOException {
    assertThatThrownBy(() -> test.open(TestGraph.toy("/top").with("force-share", "on")))
        .isInstanceOf(OptionException.class)
        .hasMessage("force-share=on can only be used with read-only images");
    FormatNode top =
        test.open(TestGraph.toy("/top").with("force-share", "on").with("read-only", "on"));
    assertThat(test.files.openings().getLast().get(GenericOptions.FORCE_SHARE)).isTrue();
    assertThat(top.readOnly()).isTrue();
  }

  @Test
  void siteDefaultsStandInForWhatIsNotGivenAlsoBelow() throws IOException {
    useDefaults(Map.of("toy", Map.of("l2-cache-size", OptionValue.of("2M"))));
    test.open(TestGraph.toy("/top").with("l2-cache-size", "1M"));
    assertThat(cacheSizes()).containsExactly("1048576", "2097152");
  }

  @Test
  void siteDefaultThatContradictsWhatIsGivenIsLeftOut() throws IOException {
    useDefaults(Map.of("toy", Map.of("l2-cache-size", OptionValue.of("2M"))));
    test.open(TestGraph.toy("/base").with("cache-size", "1M"));
    assertThat(cacheSizes()).containsExactly("-");
  }

  @Test
  void siteDefaultsOfOtherDriversDoNotMatter() throws IOException {
    useDefaults(Map.of("file", Map.of("cache.no-flush", OptionValue.of("on")), "qed", Map.of()));
    test.open(TestGraph.toy("/base"));
    assertThat(test.files.openings().getLast().get(GenericOptions.CACHE_NO_FLUSH)).isTrue();
    assertThat(test.toy.openings.getLast().get(GenericOptions.CACHE_NO_FLUSH)).isFalse();
  }

  @Test
  void fileThatCannotBeWrittenIsReadOnlyIfTheUserAgrees() throws IOException {
    test.files.refuseWriting("/top", Errno.EACCES);
    assertThatThrownBy(() -> test.open(TestGraph.toy("/top"))).isInstanceOf(BlockIoException.class);
    FormatNode top = test.open(TestGraph.toy("/top").with("auto-read-only", "on"));
    assertThat(top.readOnly()).isTrue();
  }

  @Test
  void imageOnReadOnlyNodeMustBeReadOnlyItself() throws IOException {
    test.graph.open(NodeSpec.file("/top").named("f").with("read-only", "on"));
    NodeSpec spec = NodeSpec.of("toy").withChild("file", new ChildSpec.Reference("f"));
    assertThatThrownBy(() -> test.open(spec)).isInstanceOf(ReadOnlyNodeException.class);
    assertThat(test.open(spec.with("read-only", "on")).readOnly()).isTrue();
  }

  @Test
  void fileNodeIsNotTakenTwiceAndOutlivesItsUser() throws IOException {
    BlockNode file = test.graph.open(NodeSpec.file("/base").named("f"));
    NodeSpec spec = NodeSpec.of("toy").withChild("file", new ChildSpec.Reference("f"));
    FormatNode first = test.open(spec.named("first"));
    assertThatThrownBy(() -> test.open(spec))
        .isInstanceOf(NodeBusyException.class)
        .hasMessage("Node 'f' is busy: node is used as file of 'first'");
    assertThatThrownBy(() -> test.graph.close(file)).isInstanceOf(NodeBusyException.class);
    first.close();
    assertThat(test.files.openFiles()).containsExactly("/base");
    test.graph.close(file);
  }

  @Test
  void missingFileOrDriverIsSaidInKnownWords() {
    assertThatThrownBy(() -> test.open(NodeSpec.of("toy")))
        .hasMessage("A block device must be specified for \"file\"");
    assertThatThrownBy(() -> test.open(NodeSpec.of("toy").withChild("file", NodeSpec.probed())))
        .hasMessage("Must specify either driver or file");
    assertThatThrownBy(() -> test.open(NodeSpec.of("toi").with("filename", "/top")))
        .hasMessage("Unknown driver 'toi'");
    assertThatThrownBy(() -> test.open(NodeSpec.of("toy").with("filename", "nbd:x")))
        .hasMessageContaining("Unknown protocol 'nbd'");
  }

  @Test
  void fileNameAloneIsEnough() throws IOException {
    assertThat(test.open(NodeSpec.probed().with("filename", "/top")).driverName()).isEqualTo("toy");
    assertThat(test.open(NodeSpec.of("raw").with("filename", "file:/base")).imageName())
        .isEqualTo("file:/base");
  }

  @Test
  void unknownChildIsRefused() {
    assertThatThrownBy(
            () -> test.open(TestGraph.toy("/base").withChild("fiel", NodeSpec.file("/top"))))
        .isInstanceOf(OptionException.class)
        .hasMessage("Block format 'toy' does not support the option 'fiel'");
    assertThatThrownBy(
            () -> test.open(TestGraph.toy("/base").withChild("data-file", NodeSpec.file("/top"))))
        .hasMessage("Block format 'toy' does not support the option 'data-file'");
  }

  @Test
  void closedGraphOpensNothing() throws IOException {
    test.open(TestGraph.toy("/top"));
    test.graph.close();
    test.graph.close();
    assertThatThrownBy(() -> test.open(TestGraph.toy("/top")))
        .isInstanceOf(NodeClosedException.class);
  }

  private void useDefaults(Map<String, Map<String, OptionValue>> defaults) throws IOException {
    test.close();
    test = new TestGraph(defaults);
    createImages();
  }

  private Iterable<String> cacheSizes() {
    return test.toy.openings.stream()
        .map(values -> values.given(test.toy.options().find("l2-cache-size").orElseThrow()))
        .map(value -> value.map(Object::toString).orElse("-"))
        .toList();
  }
}
