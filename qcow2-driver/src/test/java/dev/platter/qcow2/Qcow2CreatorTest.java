package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BackingReference;
import dev.platter.api.driver.ImageCreation;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionValue;
import dev.platter.api.option.OptionValues;
import dev.platter.api.option.SizeText;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.Operation;
import dev.platter.tck.fake.RecordingNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Qcow2CreatorTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0    |                                                    |
          1    |                                                    |
          1M   |                                                    |
          1M   | lazy_refcounts=on                                  |
          1M   | compat=0.10                                        |
          1M   | compat=0.10,cluster_size=512                       |
          3M   | cluster_size=4096                                  |
          1M   | cluster_size=8192                                  |
          20G  | cluster_size=2M                                    |
          1M   | refcount_bits=1                                    |
          1M   | compression_type=zstd                              |
          1M   | refcount_bits=2                                    |
          1M   | refcount_bits=4,cluster_size=512                   |
          1M   | refcount_bits=8                                    |
          1M   | refcount_bits=32                                   |
          1M   | refcount_bits=64                                   |
          1T   |                                                    |
          5M   | cluster_size=512                                   |
          1M   | extended_l2=on                                     |
          1T   | extended_l2=on,cluster_size=16k                    |
          1M   |                                                    | base.raw
          1M   | cluster_size=512                                   | base.raw
          1M   | compat=v2                                          | base.raw
          """)
  void writesByteByByteWhatQemuWrites(String size, String options, String backing)
      throws Exception {
    Qemu.assumeInstalled();
    Path theirs = folder.resolve("theirs.qcow2");
    List<String> command = new ArrayList<>(List.of("create", "-q", "-f", "qcow2"));
    if (options != null) {
      command.addAll(List.of("-o", options));
    }
    if (backing != null) {
      command.addAll(List.of("-u", "-b", backing, "-F", "raw"));
    }
    command.addAll(List.of(theirs.toString(), size));
    Qemu.img(command.toArray(String[]::new));

    MemoryNode ours = create(size, options, backing);

    assertThat(ours.bytes()).isEqualTo(Files.readAllBytes(theirs));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0    | preallocation=metadata
          1M   | preallocation=metadata
          10M  | preallocation=metadata,cluster_size=4096
          10M  | preallocation=falloc,cluster_size=512
          10M  | preallocation=full,cluster_size=512,refcount_bits=64
          3M   | preallocation=metadata,cluster_size=512,refcount_bits=1
          1G   | cluster_size=512
          2G   | cluster_size=512,refcount_bits=64
          1M   | preallocation=metadata,compat=0.10
          9M   | preallocation=metadata,extended_l2=on,cluster_size=16k
          1M   | preallocation=full,extended_l2=on
          """)
  void whatIsReservedAtOnceIsCleanAndReadsAsZeros(String size, String options) throws Exception {
    Qemu.assumeInstalled();
    Path image = Qemu.save(create(size, options, null), folder.resolve("ours.qcow2"));
    Path empty = folder.resolve("empty.raw");
    Qemu.img("create", "-q", "-f", "raw", empty.toString(), size);

    String checked = Qemu.img("check", image.toString());

    assertThat(checked).contains("No errors were found on the image.");
    if (options.contains("preallocation") && !size.equals("0")) {
      assertThat(checked).contains("= 100.00% allocated, 0.00% fragmented");
    }
    assertThat(Qemu.img("compare", image.toString(), empty.toString()))
        .contains("Images are identical.");
  }

  @Test
  void whatTheFileHeldBeforeDoesNotShow() throws Exception {
    MemoryNode node = MemoryNode.of("old", new byte[1 << 20]);
    node.write(0, new byte[] {9, 9, 9});

    Qcow2Creator.create(node, Optional.empty(), creation("1M", null, null));

    assertThat(node.bytes()).isEqualTo(create("1M", null, null).bytes());
  }

  @Test
  void headerIsWrittenWhenEverythingElseIsDurable() throws Exception {
    RecordingNode node = new RecordingNode(new MemoryNode("ours"));

    Qcow2Creator.create(node, Optional.empty(), creation("1M", "preallocation=metadata", null));

    List<Operation> log = node.log();
    List<Operation> last = log.subList(log.size() - 3, log.size());
    assertThat(last.get(0)).isInstanceOf(Operation.Flush.class);
    assertThat(last.get(1)).hasToString("write 0x0 +65536 514649fb00000003..");
    assertThat(last.get(2)).isInstanceOf(Operation.Flush.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1M | cluster_size=1000 | Cluster size must be a power of two between 512 and 2048k
          1M | cluster_size=256  | Cluster size must be a power of two between 512 and 2048k
          1M | cluster_size=4M   | Cluster size must be a power of two between 512 and 2048k
          1M | cluster_size=0    | Cluster size must be a power of two between 512 and 2048k
          1M | cluster_size=foo  | Parameter 'cluster_size' expects a non-negative number below 2^64
          1M | extended_l2=on,cluster_size=4k | Extended L2 entries are only supported with cluster \
          sizes of at least 16384 bytes
          1M | extended_l2=on,compat=0.10 | Extended L2 entries are only supported with \
          compatibility level 1.1 and above (use version=v3 or greater)
          1M | refcount_bits=3   | Refcount width must be a power of two and may not exceed 64 bits
          1M | refcount_bits=0   | Refcount width must be a power of two and may not exceed 64 bits
          1M | refcount_bits=128 | Refcount width must be a power of two and may not exceed 64 bits
          1M | refcount_bits=foo | Parameter 'refcount_bits' expects a number
          1M | refcount_bits=8,compat=0.10 | Different refcount widths than 16 bits require \
          compatibility level 1.1 or above (use version=v3 or greater)
          1M | lazy_refcounts=on,compat=0.10 | Lazy refcounts only supported with compatibility \
          level 1.1 and above (use version=v3 or greater)
          1M | lazy_refcounts=maybe | Parameter 'lazy_refcounts' expects 'on' or 'off'
          1M | compression_type=zstd,compat=0.10 | Non-zlib compression type is only supported with \
          compatibility level 1.1 and above (use version=v3 or greater)
          1M | compression_type=lzma | Parameter 'compression-type' does not accept value 'lzma'
          1M | data_file=x,compat=0.10 | External data files are only supported with compatibility \
          level 1.1 and above (use version=v3 or greater)
          1M | data_file_raw=on  | data-file-raw requires data-file
          1M | compat=foo        | Parameter 'compat' does not accept value 'foo'
          1M | preallocation=foo | Parameter 'preallocation' does not accept value 'foo'
          64P |                  | The image size is too large for file format 'qcow2' (try using a \
          larger cluster size)
          2T | cluster_size=512  | The image size is too large for file format 'qcow2' (try using a \
          larger cluster size)
          """)
  void whatCannotBeIsRefusedInQemusWords(String size, String options, String message) {
    MemoryNode node = MemoryNode.of("untouched", new byte[] {1, 2, 3});

    assertThatThrownBy(
            () -> Qcow2Creator.create(node, Optional.empty(), creation(size, options, null)))
        .isInstanceOf(OptionException.class)
        .hasMessageStartingWith(message);
    assertThat(node.bytes()).containsExactly(1, 2, 3);
  }

  @Test
  void backingAndPreallocationExcludeEachOther() {
    assertThatThrownBy(() -> create("1M", "preallocation=metadata", "base.raw"))
        .hasMessage(
            "Backing file and preallocation can only be used at the same time if extended_l2 is"
                + " on");
  }

  @ParameterizedTest
  @CsvSource({"400, 512", "1024, 65536", "66000, 65536"})
  void backingNamesThatDoNotFitAreRefused(int length, int clusterBytes) {
    assertThatThrownBy(() -> create("1M", "cluster_size=" + clusterBytes, "n".repeat(length)))
        .isInstanceOf(OptionException.class)
        .hasMessageStartingWith("Could not assign backing file 'nnn");
  }

  @Test
  void everythingThatIsWrongIsSaidAtOnce() {
    assertThatThrownBy(() -> create("1M", "cluster_size=1000,refcount_bits=3", null))
        .hasMessage(
            "Cluster size must be a power of two between 512 and 2048k; Refcount width must be a"
                + " power of two and may not exceed 64 bits");
  }

  static MemoryNode create(String size, String options, String backing) throws IOException {
    MemoryNode node = new MemoryNode("ours");
    Qcow2Creator.create(node, Optional.empty(), creation(size, options, backing));
    return node;
  }

  private static ImageCreation creation(String size, String options, String backing)
      throws OptionException {
    Map<String, OptionValue> raw = new LinkedHashMap<>();
    if (options != null) {
      for (String option : options.split(",", -1)) {
        String[] parts = option.split("=", 2);
        raw.put(parts[0], OptionValue.of(parts[1]));
      }
    }
    long sizeBytes = SizeText.bytes("size", size).longValueExact();
    Optional<BackingReference> base =
        Optional.ofNullable(backing).map(name -> new BackingReference(name, Optional.of("raw")));
    OptionValues values =
        Qcow2CreateOptions.SCHEMA.read(
            "Block format 'qcow2'",
            raw,
            right -> CreateRules.problems(new ImageCreation("ours", sizeBytes, base, right)));
    return new ImageCreation("ours", sizeBytes, base, values);
  }
}
