package dev.platter.luks;

import dev.platter.api.BackingReference;
import dev.platter.api.BlockNode;
import dev.platter.api.Preallocation;
import dev.platter.api.Ranges;
import dev.platter.api.driver.DataCipher;
import dev.platter.api.driver.EncryptedFormat;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.tck.Capability;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.format.FormatFixture;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Volumes for the contracts of formats. New ones are filled with zeros: the contracts expect that,
 * and a volume that was never written to reads as noise.
 */
interface LuksFixture extends FormatFixture {
  /** The header of a volume, once there is one. */
  AtomicReference<byte[]> HEADER = new AtomicReference<>(new byte[0]);

  @Override
  default FormatDriverProvider provider() {
    return new LuksDriverProvider();
  }

  /** What was never written reads as noise, so the tests of growth do not apply. */
  @Override
  default Set<Capability> capabilities() {
    return EnumSet.of(Capability.WRITE, Capability.PROBE);
  }

  @Override
  default Map<String, String> createOptions() {
    return Map.of(
        "key-secret", "k", "iter-time", "1", "cipher-alg", "aes-128", "cipher-mode", "cbc");
  }

  @Override
  default Map<String, String> openOptions() {
    return Map.of("key-secret", "k");
  }

  /** Only the first header is made anew: how often a key is to be derived takes time to measure. */
  @Override
  default void create(BlockNode file, long size, Optional<BackingReference> backing)
      throws IOException {
    if (HEADER.get().length == 0) {
      MemoryNode empty = new MemoryNode("header");
      FormatFixture.super.create(empty, 0, backing);
      HEADER.set(empty.bytes());
    }
    long payloadOffset = HEADER.get().length;
    long diskBytes = Ranges.alignUp(size, SECTOR_BYTES);
    file.resize(0, Preallocation.OFF);
    file.resize(payloadOffset + diskBytes, Preallocation.OFF);
    file.write(0, HEADER.get());
    try (FormatDriver driver = provider().open(writableOpening(file))) {
      DataCipher cipher = ((EncryptedFormat) driver).dataCipher().orElseThrow();
      MemorySegment sectors = MemorySegment.ofArray(new byte[(int) diskBytes]);
      cipher.encrypt(payloadOffset, 0, sectors, sectors);
      file.write(payloadOffset, sectors);
      file.flush();
    }
  }
}
