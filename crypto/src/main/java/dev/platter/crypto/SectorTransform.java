package dev.platter.crypto;

import java.util.Arrays;

/** Transforms a few sectors in place, in one mode. Threads: used by one at a time. */
sealed interface SectorTransform permits XtsTransform, CbcTransform, EcbTransform {
  /** The most sectors that are transformed at once: they and their tweaks fit a nearby cache. */
  int MAX_SECTORS = 64;

  /**
   * Encrypts.
   *
   * @param sector the number of the first sector
   * @param sectors whole sectors, at most {@link #MAX_SECTORS}, from the beginning on
   * @param count how many
   */
  void encrypt(long sector, byte[] sectors, int count);

  /** Decrypts; the reverse of {@link #encrypt}. */
  void decrypt(long sector, byte[] sectors, int count);

  /**
   * A transform.
   *
   * @param key as many bytes as the cipher takes; copied
   */
  static SectorTransform of(CipherSpec spec, byte[] key) {
    IvGenerator ivs = IvGenerator.of(spec, key);
    return switch (spec.mode()) {
      case ECB -> new EcbTransform(key);
      case CBC -> new CbcTransform(key, ivs);
      case XTS -> {
        byte[] dataKey = Arrays.copyOf(key, key.length / 2);
        byte[] tweakKey = Arrays.copyOfRange(key, key.length / 2, key.length);
        XtsTransform transform = new XtsTransform(dataKey, tweakKey, ivs);
        Arrays.fill(dataKey, (byte) 0);
        Arrays.fill(tweakKey, (byte) 0);
        yield transform;
      }
    };
  }
}
