package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CacheAdviceTest {
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
    CacheAdvice advice = CacheAdvice.of(gib * GIB, clusterBytes);

    assertThat(advice.l2CacheBytes()).isEqualTo(l2CacheBytes);
    assertThat(CacheAdvice.coveredBytes(l2CacheBytes, clusterBytes))
        .isGreaterThanOrEqualTo(gib * GIB);
  }

  @Test
  void isWhatTheOptionThenGives() throws Exception {
    CacheAdvice advice = CacheAdvice.of(20 * GIB, 65536);

    CacheSizes sizes =
        CacheSizes.of(
            CacheSizesTest.values("l2-cache-size=" + advice.l2CacheBytes()),
            new ClusterGeometry(16, 4, false),
            20 * GIB);

    assertThat(sizes.l2Bytes()).isEqualTo(advice.l2CacheBytes());
    assertThat(sizes.refcountBytes()).isEqualTo(advice.refcountCacheBytes());
    assertThat(advice.costBytes()).isEqualTo(sizes.l2Bytes() + sizes.refcountBytes());
  }

  @Test
  void smallDisksNeedNone() {
    assertThat(CacheAdvice.of(8 * GIB, 65536).defaultSuffices()).isTrue();
    assertThat(CacheAdvice.of(8 * GIB + 1, 65536).defaultSuffices()).isFalse();
  }

  @Test
  void saysWhatToWrite() {
    assertThat(CacheAdvice.of(20 * GIB, 65536).driveString("my,disk.qcow2"))
        .isEqualTo("file=my,,disk.qcow2,format=qcow2,l2-cache-size=2621440");
  }
}
