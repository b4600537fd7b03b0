package dev.platter.conf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.platter.api.error.OptionException;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.CreateRequest;
import dev.platter.graph.DriverRegistry;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What is said of option strings that only show to be wrong when their images are opened: with the
 * drivers there are, on an image of 64 KiB clusters ({@code a}), its overlay ({@code o}) and one of
 * version 2 ({@code v2}).
 */
class OpenErrorTableTest {
  private final DriverRegistry drivers = DriverRegistry.discover();
  @TempDir Path folder;
  private BlockGraph graph;

  @BeforeEach
  void createImages() throws IOException {
    graph = BlockGraph.builder(drivers).build();
    graph.create(CreateRequest.of("qcow2", path("a"), 1 << 20));
    graph.create(CreateRequest.of("qcow2", path("v2"), 1 << 20).with("compat", "0.10"));
    graph.create(CreateRequest.overlay("qcow2", path("o"), "a", "qcow2"));
  }

  @AfterEach
  void closeGraph() throws IOException {
    graph.close();
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private void open(String text) throws IOException {
    graph.open(DriveSpec.parse(text, drivers).node());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
"""
# input | message | what stands over the caret
file=F/a,cache-size=1M,l2-cache-size=1M,refcount-cache-size=1M | cache-size, l2-cache-size and refcount-cache-size may not be set at the same time | 1M
file=F/a,cache-size=1M,l2-cache-size=2M         | l2-cache-size may not exceed cache-size | 2M
file=F/a,cache-size=1M,refcount-cache-size=2M   | refcount-cache-size may not exceed cache-size | 2M
file=F/a,l2-cache-size=100000                   | multiple of the cluster size | 100000
file=F/a,l2-cache-size=7E                       | L2 cache size too big | 7E
file=F/a,l2-cache-entry-size=1000               | L2 cache entry size must be a power of two between 512 and the cluster size (65536) | 1000
file=F/a,l2-cache-entry-size=128K               | L2 cache entry size must be a power of two between 512 and the cluster size (65536) | 128K
file=F/v2,lazy-refcounts=on                     | Lazy refcounts require a qcow2 image with at least qemu 1.1 compatibility level | on
file=F/a,overlap-check=foo                      | Unsupported value 'foo' for qcow2 option 'overlap-check'. Allowed are any of the following: none, constant, cached, all | foo
file=F/a,overlap-check=none,overlap-check.template=all | Conflicting values for qcow2 options 'overlap-check' ('none') and 'overlap-check.template' ('all') | none
file=F/a,encrypt.format=luks                    | No encryption in image header, but options specified format 'luks' | luks
file=F/o,backing.l2-cache-size=100000           | multiple of the cluster size | 100000
""")
  void refusalOfOption(String input, String message, String marked) {
    String text = input.replace("F/", folder + "/");
    OptionException refusal = catchThrowableOfType(OptionException.class, () -> open(text));
    assertThat(refusal).as("refusal of %s", input).isNotNull();
    LocatedProblem problem = DriveSyntaxException.locate(text, refusal).located().getFirst();
    assertThat(problem.problem().message()).contains(message);
    assertThat(problem.input().substring(problem.start(), problem.end())).isEqualTo(marked);
    assertThat(graph.nodes()).as("nothing stays open").isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
"""
file=F/nope                                     | Could not open 'F/nope': No such file or directory
file=F/o,backing.file.filename=F/nope           | Could not open backing file: Could not open 'F/nope': No such file or directory
file=F/o,backing=no_such_node                   | Could not open backing file: Cannot find device='no_such_node' nor node-name='no_such_node'
driver=qcow2,file.driver=raw,file.file=no_such_node | Cannot find device='no_such_node' nor node-name='no_such_node'
file=F/a,data-file.filename=F/x                 | data-file
file=F/a,node-name=n,file.node-name=n           | Duplicate nodes with node-name='n'
driver=file                                     | The 'file' block driver requires a file name
file=F/a,discard-no-unref=on                    | not supported yet: discard-no-unref
file=F/a,file.locking=on                        | not supported yet
""")
  void refusalOfNode(String input, String message) {
    String text = input.replace("F/", folder + "/");
    IOException refusal = catchThrowableOfType(IOException.class, () -> open(text));
    assertThat(refusal).as("refusal of %s", input).isNotNull();
    assertThat(refusal.getMessage().replace(folder + "/", "F/")).contains(message);
    assertThat(graph.nodes()).as("nothing stays open").isEmpty();
  }
}
