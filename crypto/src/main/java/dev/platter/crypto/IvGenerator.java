package dev.platter.crypto;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;

/** Makes the initialization vectors of many sectors at once. Threads: used by one at a time. */
final class IvGenerator {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long LOW_BITS = 0xffff_ffffL;

  private final long mask;
  private final Optional<Cipher> cipher;

  private IvGenerator(long mask, Optional<Cipher> cipher) {
    this.mask = mask;
    this.cipher = cipher;
  }

  /** The generator of a cipher with this key. */
  static IvGenerator of(CipherSpec spec, byte[] key) {
    return switch (spec.iv()) {
      case PLAIN -> new IvGenerator(LOW_BITS, Optional.empty());
      case PLAIN64 -> new IvGenerator(-1, Optional.empty());
      case ESSIV -> {
        byte[] hashed = spec.ivHash().orElseThrow().digest().digest(key);
        Cipher cipher = BlockCiphers.ecb(Cipher.ENCRYPT_MODE, hashed);
        Arrays.fill(hashed, (byte) 0);
        yield new IvGenerator(-1, Optional.of(cipher));
      }
    };
  }

  /** Fills the first {@code count} blocks of {@code ivs} for as many sectors. */
  void fill(long firstSector, byte[] ivs, int count) {
    int blockBytes = CipherAlgorithm.BLOCK_BYTES;
    for (int i = 0; i < count; i++) {
      LONG.set(ivs, i * blockBytes, (firstSector + i) & mask);
      LONG.set(ivs, i * blockBytes + Long.BYTES, 0L);
    }
    if (cipher.isPresent()) {
      BlockCiphers.apply(cipher.get(), ivs, 0, count * blockBytes);
    }
  }
}
