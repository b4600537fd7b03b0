package dev.platter.tools.img;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.CopyOffload;
import dev.platter.graph.DriverRegistry;
import dev.platter.graph.FormatNode;
import dev.platter.tools.Run;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code convert -C} leaves to the host, and what it reads and writes all the same. */
class OffloadedCopyTest {
  private static final int SIZE = 4 << 20;

  @TempDir Path folder;
  private String chain;

  @BeforeEach
  void makeChain() {
    String base = path("base.qcow2");
    chain = path("top.qcow2");
    ok("img", "create", "-q", "-f", "qcow2", base, "" + SIZE);
    ok("io", "-c", "write -P 1 0 1M", "-c", "write -P 2 2M 100k", base);
    ok("img", "create", "-q", "-f", "qcow2", "-b", base, "-F", "qcow2", chain);
    ok("io", "-c", "write -P 3 64k 64k", "-c", "write -P 4 513k 1k", chain);
  }

  @Test
  void chainIsCopiedByTheHostFromEachFileThatHoldsAPart() throws IOException {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "copy_file_range is Linux's");
    String copy = path("copy.qcow2");
    ok("img", "create", "-q", "-f", "qcow2", copy, "" + SIZE);
    try (BlockGraph graph = BlockGraph.builder(DriverRegistry.discover()).build();
        FormatNode source = open(graph, qcow2(chain).with("read-only", "on"));
        FormatNode target = open(graph, qcow2(copy))) {
      CopyOffload.copy(source, 0, target, 0, SIZE);
    }
    ok("img", "compare", chain, copy);
    ok("img", "check", copy);
  }

  @Test
  void edgesOfAClusterThatIsOnlyPartlyCopiedAreKept() throws IOException {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "copy_file_range is Linux's");
    String overlay = path("overlay.qcow2");
    ok("img", "create", "-q", "-f", "qcow2", "-b", chain, "-F", "qcow2", overlay);
    String other = path("other.raw");
    ok("img", "create", "-q", "-f", "raw", other, "1M");
    ok("io", "-f", "raw", "-c", "write -P 9 0 1M", other);
    try (BlockGraph graph = BlockGraph.builder(DriverRegistry.discover()).build();
        FormatNode source = open(graph, format("raw", other));
        FormatNode target = open(graph, qcow2(overlay))) {
      CopyOffload.copy(source, 512, target, 66_048, 70_144);
    }
    ok("io", "-c", "read -P 3 64k 512", "-c", "read -P 9 66048 70144", overlay);
    ok("io", "-c", "read -P 1 136192 64k", overlay);
    ok("img", "check", overlay);
  }

  @Test
  void compressedBytesAreNotTheHostsToCopyAndConvertReadsThem() throws IOException {
    String compressed = path("compressed.qcow2");
    ok("img", "convert", "-c", "-O", "qcow2", chain, compressed);
    String copy = path("copy.raw");
    ok("img", "create", "-q", "-f", "raw", copy, "" + SIZE);
    try (BlockGraph graph = BlockGraph.builder(DriverRegistry.discover()).build();
        FormatNode source = open(graph, qcow2(compressed));
        FormatNode target = open(graph, format("raw", copy))) {
      assertThatThrownBy(() -> CopyOffload.copy(source, 0, target, 0, SIZE))
          .isInstanceOf(UnsupportedFeatureException.class);
    }
    ok("img", "convert", "-C", "-O", "raw", compressed, copy);
    ok("img", "compare", "-F", "raw", chain, copy);
  }

  @Test
  void encryptedBytesAreDecryptedAndNotCopied() {
    String key = "--object=secret,id=k,data=abc";
    String encrypted = path("encrypted.qcow2");
    String options = "encrypt.format=luks,encrypt.key-secret=k,encrypt.iter-time=10";
    ok("img", "convert", "-C", key, "-O", "qcow2", "-o", options, chain, encrypted);
    String opened = "driver=qcow2,encrypt.key-secret=k,file.filename=" + encrypted;
    String copy = path("copy.raw");
    ok("img", "convert", "-C", key, "--image-opts", "-O", "raw", opened, copy);
    ok("img", "compare", "-F", "raw", chain, copy);
  }

  @Test
  void sourcesEndToEndAreCopiedWithTheirEdges() {
    String copy = path("copy.qcow2");
    String odd = path("odd.raw");
    ok("img", "create", "-q", "-f", "raw", odd, "66048");
    ok("io", "-f", "raw", "-c", "write -P 7 0 66048", odd);
    ok("img", "convert", "-C", "-W", "-O", "qcow2", odd, chain, copy);
    ok("io", "-c", "read -P 7 0 66048", "-c", "read -P 1 66048 64k", copy);
    ok("io", "-c", "read -P 3 131584 64k", "-c", "read -P 0 1114624 1M", copy);
    ok("img", "check", copy);
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private static NodeSpec qcow2(String file) {
    return format("qcow2", file);
  }

  private static NodeSpec format(String driver, String file) {
    return NodeSpec.of(driver).withChild("file", NodeSpec.file(file));
  }

  private static FormatNode open(BlockGraph graph, NodeSpec spec) throws IOException {
    return (FormatNode) graph.open(spec);
  }

  private static void ok(String... words) {
    Run run = Run.of(words);
    assertThat(run.status()).as(run.out() + run.err()).isZero();
    assertThat(run.out()).doesNotContain("verification failed");
  }
}
