package dev.platter.conf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.platter.api.BackingReference;
import dev.platter.api.BlockNode;
import dev.platter.api.error.OptionException;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.CreateRequest;
import dev.platter.graph.DriverRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is said of option strings that only show to be wrong when their images are opened: with the
 * drivers there are, on an image of 64 KiB clusters ({@code a}), its overlay ({@code o}), the
 * overlay of that ({@code t}), and one of version 2 ({@code v2}).
 */
class OpenErrorTableTest {
  /** The last byte of each field of the header. */
  private static final long CLUSTER_BITS_OFFSET = 23;

  private static final long CRYPT_METHOD_OFFSET = 35;
  private static final long INCOMPATIBLE_OFFSET = 79;
  private static final int EXTENDED_L2 = 16;

  private final DriverRegistry drivers = DriverRegistry.discover();
  @TempDir Path folder;
  private BlockGraph graph;

  @BeforeEach
  void createImages() throws IOException {
    graph = BlockGraph.builder(drivers).build();
    graph.create(CreateRequest.of("qcow2", path("a"), 1 << 20));
    graph.create(CreateRequest.of("qcow2", path("v2"), 1 << 20).with("compat", "0.10"));
    graph.create(CreateRequest.overlay("qcow2", path("o"), "a", "qcow2"));
    graph.create(CreateRequest.overlay("qcow2", path("t"), "o", "qcow2"));
    graph.create(
        new CreateRequest(
            "qcow2",
            path("orphan"),
            OptionalLong.of(1 << 20),
            Optional.of(new BackingReference("gone", Optional.of("qcow2"))),
            Map.of(),
            false));
    createWithByte("aes", CRYPT_METHOD_OFFSET, 1);
    createWithByte("smallSubclusters", INCOMPATIBLE_OFFSET, EXTENDED_L2);
    putByte("smallSubclusters", CLUSTER_BITS_OFFSET, 13);
  }

  @AfterEach
  void closeGraph() throws IOException {
    graph.close();
  }

  private void createWithByte(String name, long offset, int value) throws IOException {
    graph.create(CreateRequest.of("qcow2", path(name), 1 << 20));
    putByte(name, offset, value);
  }

  private void putByte(String name, long offset, int value) throws IOException {
    try (FileChannel file = FileChannel.open(folder.resolve(name), StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(new byte[] {(byte) value}), offset);
    }
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
# input | messages | what stands over the carets of each
file=F/a,cache-size=1M,l2-cache-size=1M,refcount-cache-size=1M | cache-size, l2-cache-size and refcount-cache-size may not be set at the same time | cache-size & l2-cache-size & refcount-cache-size
file=F/a,cache-size=1M,l2-cache-size=2M         | l2-cache-size may not exceed cache-size | 2M
file=F/a,cache-size=1M,refcount-cache-size=2M   | refcount-cache-size may not exceed cache-size | 2M
file=F/a,cache-size=1M,l2-cache-size=2M,format=qcow2 | l2-cache-size may not exceed cache-size | 2M
file=F/a,file.native=off,cache=none             | cache.direct=on needs native=on, on Linux | off
file=F/a,file.locking=on,file.native=off        | locking=on needs native=on, on Linux | off
file=F/a,l2-cache-size=200000                   | l2-cache-size must be a multiple of the cluster size (65536): the nearest are 196608 and 262144 | 200000
file=F/a,l2-cache-size=100000                   | l2-cache-size must be a multiple of the cluster size (65536): the smallest useful one is 131072 | 100000
file=F/a,l2-cache-size=3,refcount-cache-size=5,l2-cache-entry-size=7 | l2-cache-size must be a multiple of the cluster size (65536): the smallest useful one is 131072; refcount-cache-size must be a multiple of the cluster size (65536): the smallest useful one is 262144; L2 cache entry size must be a power of two between 512 and the cluster size (65536) | 3; 5; 7
file=F/a,l2-cache-size=7E                       | L2 cache size too big | 7E
file=F/a,l2-cache-size=1M,refcount-cache-size=7E,cache-sizing=qemu-7.2 | Refcount cache size too big | 7E
file=F/a,l2-cache-entry-size=1000               | L2 cache entry size must be a power of two between 512 and the cluster size (65536) | 1000
file=F/a,l2-cache-entry-size=128K               | L2 cache entry size must be a power of two between 512 and the cluster size (65536) | 128K
file=F/v2,lazy-refcounts=on                     | Lazy refcounts require a qcow2 image with at least qemu 1.1 compatibility level | on
file=F/v2,lazy-refcounts=on,l2-cache-size=3     | Lazy refcounts require a qcow2 image with at least qemu 1.1 compatibility level; l2-cache-size must be a multiple of the cluster size (65536): the smallest useful one is 131072 | on; 3
file=F/a,overlap-check=foo                      | Unsupported value 'foo' for qcow2 option 'overlap-check'. Allowed are any of the following: none, constant, cached, all | foo
file=F/a,overlap-check.template=foo             | Unsupported value 'foo' for qcow2 option 'overlap-check'. Allowed are any of the following: none, constant, cached, all | foo
file=F/a,overlap-check.main-header=foo          | Parameter 'overlap-check.main-header' expects 'on' or 'off' | foo
file=F/a,overlap-check=cached,overlap-check.template=all | Conflicting values for qcow2 options 'overlap-check' ('cached') and 'overlap-check.template' ('all') | overlap-check & overlap-check.template
file=F/a,locking=on                             | No block format supports the option 'locking' | locking
file=F/a,file.locking=foo                       | invalid parameter value: foo | foo
file=F/a,file.aio=foo                           | invalid parameter value: foo | foo
driver=raw,file.filename=F/a,offset=1G          | Offset (1073741824) cannot be greater than size of the containing file (197120) | 1G
driver=raw,file.filename=F/a,size=1000          | Specified size is not multiple of 512 | 1000
driver=raw,file.filename=F/a,size=1G            | The sum of offset (0) and size (1073741824) has to be smaller or equal to the  actual size of the containing file (197120) | 1G
driver=raw,file.filename=F/a,size=1000000001 | The sum of offset (0) and size (1000000001) has to be smaller or equal to the  actual size of the containing file (197120); Specified size is not multiple of 512 | 1000000001; 1000000001
file=F/a,encrypt.format=luks,encrypt.key-secret=s | No encryption in image header, but options specified format 'luks' | luks
file=F/aes,encrypt.format=luks,encrypt.key-secret=s | Header reported 'aes' encryption format but options specify 'luks' | luks
file=F/aes,encrypt.key-secret=s                 | No secret with id 's' | s
# a backing file that the header names, with something changed
file=F/o,backing.l2-cache-size=3                | Could not open backing file: l2-cache-size must be a multiple of the cluster size (65536): the smallest useful one is 131072 | 3
file=F/o,backing.driver=qcow2,backing.l2-cache-size=100000 | Could not open backing file: l2-cache-size must be a multiple of the cluster size (65536): the smallest useful one is 131072 | 100000
file=F/t,backing.backing.l2-cache-size=3        | Could not open backing file: l2-cache-size must be a multiple of the cluster size (65536): the smallest useful one is 131072 | 3
file=F/o,backing.l2-cache-size=3X               | Could not open backing file: Parameter 'l2-cache-size' expects a non-negative number below 2^64 | 3X
file=F/o,backing.driver=qcow3                   | Could not open backing file: Unknown driver 'qcow3' | qcow3
file=F/o,backing.file.lockng=off                | Could not open backing file: Block protocol 'file' doesn't support the option 'lockng' | backing.file.lockng
file=F/o,backing.driver=raw,backing.offset=1G   | Could not open backing file: Offset (1073741824) cannot be greater than size of the containing file (197120) | 1G
file=F/a,backing.l2-cache-size=1M               | Could not open backing file: Must specify either driver or file | 1M
file=F/a,backing.driver=qcow2                   | Could not open backing file: A block device must be specified for "file" | qcow2
file=F/a,backing.driver=file                    | Could not open backing file: The 'file' block driver requires a file name | file
file=F/o,backing.backing.driver=qcow2           | Could not open backing file: A block device must be specified for "file" | qcow2
file=json:{"driver":"qcow2",,"l2-cache-size":3,,"file":{"filename":"F/a"}} | l2-cache-size must be a multiple of the cluster size (65536): the smallest useful one is 131072 | 3
file=F/o,file.node-name=n,node-name=n | Duplicate nodes with node-name='n' | n
file=F/a,file.aio=native                        | aio=native was specified, but it requires cache.direct=on, which was not specified. | native
""")
  void refusalOfOption(String input, String messages, String marked) {
    String text = input.replace("F/", folder + "/");
    OptionException refusal = catchThrowableOfType(OptionException.class, () -> open(text));
    assertThat(refusal).as("refusal of %s", input).isNotNull();
    List<LocatedProblem> problems = DriveSyntaxException.locate(text, refusal).located();
    assertThat(problems.stream().map(problem -> problem.problem().message()))
        .containsExactly(messages.split("; "));
    assertThat(problems.stream().map(OpenErrorTableTest::marked))
        .containsExactly(marked.split("; "));
    assertThat(graph.nodes()).as("nothing stays open").isEmpty();
  }

  private static String marked(LocatedProblem problem) {
    Stream<LocatedProblem.Span> first =
        Stream.of(new LocatedProblem.Span(problem.start(), problem.end()));
    return Stream.concat(first, problem.others().stream())
        .map(span -> problem.input().substring(span.start(), span.end()))
        .collect(Collectors.joining(" & "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
"""
file=F/nope                                     | Could not open 'F/nope': No such file or directory
file=F/o,backing.file.filename=F/nope           | Could not open backing file: Could not open 'F/nope': No such file or directory
file=F/orphan                                   | Could not open backing file: Could not open 'F/gone': No such file or directory
file=F/o,backing=no_such_node                   | Could not open backing file: Cannot find device='no_such_node' nor node-name='no_such_node'
file=F/a,backing=no_such_node                   | Could not open backing file: Cannot find device='no_such_node' nor node-name='no_such_node'
driver=qcow2,file.driver=raw,file.file=no_such_node | Cannot find device='no_such_node' nor node-name='no_such_node'
file=F/a,node-name=n,file.node-name=n           | Duplicate nodes with node-name='n'
driver=file                                     | The 'file' block driver requires a file name
file=F/aes                                      | Parameter 'encrypt.key-secret' is required for cipher
file=F/smallSubclusters                         | F/smallSubclusters: Unsupported subcluster size: 256
""")
  void refusalOfNode(String input, String message) {
    String text = input.replace("F/", folder + "/");
    IOException refusal = catchThrowableOfType(IOException.class, () -> open(text));
    assertThat(refusal).as("refusal of %s", input).isNotNull();
    assertThat(refusal.getMessage().replace(folder + "/", "F/")).isEqualTo(message);
    assertThat(graph.nodes()).as("nothing stays open").isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file=F/o,backing.l2-cache-size=2M",
        "file=F/o,backing.driver=qcow2",
        "file=F/o,backing.driver=raw",
        "file=F/o,backing.driver=file",
        "file=F/o,backing.file.driver=raw",
        "file=F/o,backing.file.locking=off",
        "file=F/o,backing.read-only=off",
        "file=F/t,backing.backing.l2-cache-size=2M,backing.backing.file.locking=off"
      })
  void whatTheHeaderSaysCanBeAddedTo(String input) throws IOException {
    BlockNode top = graph.open(DriveSpec.parse(input.replace("F/", folder + "/"), drivers).node());
    assertThat(graph.chainOf(top)).hasSizeGreaterThan(1);
  }
}
