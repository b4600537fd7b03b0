package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValue;
import dev.platter.api.option.OptionValues;
import dev.platter.api.option.SizeText;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CacheSizesTest {
  private static final long GIB = 1L << 30;
  private static final ClusterGeometry CLUSTERS_64K = new ClusterGeometry(16, 4, false);
  private static final CacheSizes TWO_MIB = new CacheSizes(2 << 20, 512 << 10, 4096);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1T  |                              | 1M   | 256K
          20G |                              | 1M   | 256K
          20G | l2-cache-size=2M             | 2M   | 512K
          20G | refcount-cache-size=512K     | 2M   | 512K
          20G | cache-size=2621440           | 2M   | 512K
          20G | l2-cache-size=0              | 128K | 256K
          20G | cache-size=64K               | 128K | 256K
          20G | cache-size=1G,l2-cache-size=512M             | 512M | 512M
          20G | cache-size=1G,refcount-cache-size=1M         | 1023M | 1M
          20G | l2-cache-size=8M,refcount-cache-size=8M      | 8M   | 8M
          """)
  void sizesByTheRulesOfQemu25(String disk, String options, String l2, String refcount)
      throws Exception {
    CacheSizes sizes = sizes(CLUSTERS_64K, disk, options);

    assertThat(sizes.l2Bytes()).isEqualTo(bytes(l2));
    assertThat(sizes.refcountBytes()).isEqualTo(bytes(refcount));
    assertThat(sizes.l2EntryBytes()).isEqualTo(4096);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          20G |                                  | 2560K   | 256K
          1T  |                                  | 32M     | 256K
          20G | l2-cache-size=2M                 | 2M      | 256K
          20G | refcount-cache-size=512K         | 2560K   | 512K
          20G | cache-size=2621440               | 2359296 | 262144
          20G | l2-cache-size=1                  | 8K      | 256K
          20G | cache-size=64K                   | 8K      | 256K
          20G | cache-size=1G                    | 2560K   | 1046016K
          20G | cache-size=1G,l2-cache-size=512M | 2560K   | 1046016K
          20G | cache-size=1M,refcount-cache-size=512K | 512K | 512K
          """)
  void sizesByTheRulesOfQemu72(String disk, String options, String l2, String refcount)
      throws Exception {
    String more = options == null ? "" : "," + options;

    CacheSizes sizes = sizes(CLUSTERS_64K, disk, "cache-sizing=qemu-7.2" + more);

    assertThat(sizes.l2Bytes()).isEqualTo(bytes(l2));
    assertThat(sizes.refcountBytes()).isEqualTo(bytes(refcount));
    assertThat(sizes.l2EntryBytes()).isEqualTo(4096);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"l2-cache-size=2097152", "refcount-cache-size=524288", "cache-size=2621440"})
  void threeSettingsAreTheSameThing(String options) throws Exception {
    assertThat(sizes(CLUSTERS_64K, "20G", options)).isEqualTo(TWO_MIB);
  }

  @Test
  void bigClustersRaiseTheDefaultToEightOfThem() throws Exception {
    assertThat(sizes(new ClusterGeometry(21, 4, false), "1T", null))
        .isEqualTo(new CacheSizes(16 << 20, 8 << 20, 4096));
  }

  @Test
  void slicesAreNeverLongerThanACluster() throws Exception {
    assertThat(sizes(new ClusterGeometry(9, 4, false), "1G", null).l2EntryBytes()).isEqualTo(512);
  }

  @Test
  void entrySizeIsTakenAsGiven() throws Exception {
    assertThat(sizes(CLUSTERS_64K, "20G", "l2-cache-entry-size=64K").l2EntryBytes())
        .isEqualTo(65536);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          cache-size=3M,l2-cache-size=2M,refcount-cache-size=1M \
          | cache-size, l2-cache-size and refcount-cache-size may not be set at the same time
          cache-size=1M,l2-cache-size=2M | l2-cache-size may not exceed cache-size
          cache-size=1M,refcount-cache-size=2M | refcount-cache-size may not exceed cache-size
          l2-cache-entry-size=3K | L2 cache entry size must be a power of two between 512 and the \
          cluster size (65536)
          l2-cache-entry-size=256 | L2 cache entry size must be a power of two between 512 and the \
          cluster size (65536)
          l2-cache-entry-size=128K | L2 cache entry size must be a power of two between 512 and the \
          cluster size (65536)
          l2-cache-size=1048576T | L2 cache size too big
          refcount-cache-size=131072T,l2-cache-size=1M | Refcount cache size too big
          refcount-cache-size=256T | Refcount cache size too big
          """)
  void contradictionsAreRefused(String options, String message) {
    for (String profile : new String[] {"qemu-2.5", "qemu-7.2"}) {
      assertThatThrownBy(() -> sizes(CLUSTERS_64K, "8E", options + ",cache-sizing=" + profile))
          .isInstanceOf(OptionException.class)
          .hasMessage(message);
    }
  }

  @Test
  void sizesThatAreNotWholeClustersNameTheTwoNearest() {
    assertThatThrownBy(() -> sizes(CLUSTERS_64K, "20G", "l2-cache-size=1000000"))
        .hasMessage(
            "l2-cache-size must be a multiple of the cluster size (65536):"
                + " the nearest are 983040 and 1048576");
    assertThatThrownBy(() -> sizes(CLUSTERS_64K, "20G", "cache-size=1,refcount-cache-size=1"))
        .hasMessageContaining("cache-size must be a multiple of the cluster size (65536)")
        .hasMessageContaining("; refcount-cache-size must be a multiple");
  }

  @Test
  void sizeThatIsOutOfRangeHidesNoConflictWithTheOthers() {
    OptionException refusal =
        catchThrowableOfType(
            OptionException.class,
            () ->
                Qcow2Options.SCHEMA.read(
                    "Block format 'qcow2'",
                    raw("cache-size=1M,l2-cache-size=1M,refcount-cache-size=8E"),
                    Qcow2Settings::together));

    assertThat(refusal.problems())
        .extracting(OptionProblem::key)
        .containsExactly("refcount-cache-size", "cache-size");
  }

  @Test
  void theOtherProfileRoundsSizesThatAreNotWholeClusters() throws Exception {
    assertThat(sizes(CLUSTERS_64K, "20G", "cache-sizing=qemu-7.2,refcount-cache-size=300000"))
        .isEqualTo(new CacheSizes(2560 << 10, 256 << 10, 4096));
  }

  @Test
  void oneMebibyteCoversEightGibibytes() {
    assertThat((1L << 20) * CLUSTERS_64K.clusterBytes() / Long.BYTES).isEqualTo(8 * GIB);
  }

  private static CacheSizes sizes(ClusterGeometry geometry, String disk, String options)
      throws OptionException {
    long diskBytes = disk.equals("8E") ? Long.MAX_VALUE : bytes(disk);
    return CacheSizes.of(values(options), geometry, diskBytes);
  }

  static OptionValues values(String options) throws OptionException {
    return Qcow2Options.SCHEMA.read("Block format 'qcow2'", raw(options));
  }

  static Map<String, OptionValue> raw(String options) {
    Map<String, OptionValue> raw = new LinkedHashMap<>();
    if (options != null) {
      for (String option : options.split(",", -1)) {
        String[] parts = option.split("=", 2);
        raw.put(parts[0], OptionValue.of(parts[1]));
      }
    }
    return raw;
  }

  private static long bytes(String size) throws OptionException {
    return SizeText.bytes("size", size).longValueExact();
  }
}
