package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.driver.CachedFormat.CacheAdvice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CoveringCachesTest {
  private static final long GIB = 1L << 30;

  @ParameterizedTest
  @CsvSource({
    "8, 65536, 1048576",
    "20, 65536, 2621440",
    "1024, 65536, 134217728",
    "20, 512, 335544320",
    "20, 2097152, 4194304",
    "0, 65536, 131072"
  })
  void coversTheDisk(long gib, int clusterBytes, long l2CacheBytes) {
    CoveringCaches caches = CoveringCaches.of(gib * GIB, standard(clusterBytes));

    assertThat(caches.l2CacheBytes()).isEqualTo(l2CacheBytes);
    assertThat(caches.coveredBytes(l2CacheBytes)).isGreaterThanOrEqualTo(gib * GIB);
  }

  @Test
  void isWhatTheOptionThenGives() throws Exception {
    CoveringCaches caches = CoveringCaches.of(20 * GIB, standard(65536));

    CacheSizes sizes =
        CacheSizes.of(
            CacheSizesTest.values("l2-cache-size=" + caches.l2CacheBytes()),
            standard(65536),
            20 * GIB);

    assertThat(sizes.l2Bytes()).isEqualTo(caches.l2CacheBytes());
    assertThat(sizes.refcountBytes()).isEqualTo(caches.refcountCacheBytes());
    assertThat(caches.costBytes()).isEqualTo(sizes.l2Bytes() + sizes.refcountBytes());
  }

  @Test
  void smallDisksNeedNone() {
    assertThat(CoveringCaches.of(8 * GIB, standard(65536)).defaultSuffices()).isTrue();
    assertThat(CoveringCaches.of(8 * GIB + 1, standard(65536)).defaultSuffices()).isFalse();
  }

  @Test
  void saysWhatToGiveAndWhatItCosts() {
    assertThat(CoveringCaches.of(20 * GIB, standard(65536)).advice(1 << 20))
        .isEqualTo(
            new CacheAdvice(
                "l2-cache-size",
                2621440,
                2621440 + 655360,
                2621440,
                8 * GIB,
                "disk_size = l2_cache_size * cluster_size / 8"));
  }

  @Test
  void extendedEntriesTakeTwiceAsMuch() {
    CoveringCaches caches = CoveringCaches.of(20 * GIB, new ClusterGeometry(16, 4, true));

    assertThat(caches.l2CacheBytes()).isEqualTo(5242880);
    assertThat(caches.coveredBytes(1 << 20)).isEqualTo(4 * GIB);
    assertThat(caches.advice(1 << 20).rule())
        .isEqualTo("disk_size = l2_cache_size * cluster_size / 16");
  }

  private static ClusterGeometry standard(int clusterBytes) {
    return new ClusterGeometry(Integer.numberOfTrailingZeros(clusterBytes), 4, false);
  }
}
