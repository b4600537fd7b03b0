package dev.platter.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sector ciphers against published vectors, and against the JDK one sector at a time. */
class SectorCipherTest {
  private static final HexFormat HEX = HexFormat.of();

  /** Vectors 4 and 10 of IEEE 1619: a sector of 0, 1, ... 255, 0, 1, ... 255. */
  @Test
  void xtsEncryptsTheSectorsOfIeee1619() {
    assertThat(
            encrypted(
                CipherAlgorithm.AES_128,
                "27182818284590452353602874713526" + "31415926535897932384626433832795",
                0))
        .isEqualTo(VECTOR_4);
    assertThat(
            encrypted(
                CipherAlgorithm.AES_256,
                "2718281828459045235360287471352662497757247093699959574966967627"
                    + "3141592653589793238462643383279502884197169399375105820974944592",
                0xff))
        .isEqualTo(VECTOR_10);
  }

  @Test
  void xtsOfManySectorsIsThatOfEach() {
    SectorCipher cipher =
        new SectorCipher(
            spec(CipherAlgorithm.AES_192, CipherMode.XTS, IvAlgorithm.PLAIN64), bytes(48));
    byte[] together = bytes(200 * 512);
    byte[] apart = together.clone();

    cipher.encrypt(7, together);

    for (int i = 0; i < 200; i++) {
      byte[] sector = Arrays.copyOfRange(apart, i * 512, (i + 1) * 512);
      cipher.encrypt(7 + i, sector);
      assertThat(Arrays.copyOfRange(together, i * 512, (i + 1) * 512))
          .as("sector %d", i)
          .isEqualTo(sector);
    }
  }

  @ParameterizedTest
  @EnumSource(IvAlgorithm.class)
  void cbcIsTheJdksWithAVectorForEachSector(IvAlgorithm iv) throws Exception {
    byte[] key = bytes(32);
    SectorCipher cipher = new SectorCipher(spec(CipherAlgorithm.AES_256, CipherMode.CBC, iv), key);
    byte[] sectors = bytes(70 * 512);
    byte[] expected = new byte[sectors.length];
    long first = 0xffff_fff0L; // the low 32 bits run over on the way
    for (int i = 0; i < 70; i++) {
      Cipher jdk = Cipher.getInstance("AES/CBC/NoPadding");
      jdk.init(
          Cipher.ENCRYPT_MODE,
          new SecretKeySpec(key, "AES"),
          new IvParameterSpec(vector(iv, key, first + i)));
      jdk.doFinal(sectors, i * 512, 512, expected, i * 512);
    }

    cipher.encrypt(first, sectors);

    assertThat(sectors).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource(CipherMode.class)
  void decryptionUndoesEncryptionInAnyMemory(CipherMode mode) {
    CipherSpec spec = spec(CipherAlgorithm.AES_128, mode, IvAlgorithm.ESSIV);
    SectorCipher cipher = new SectorCipher(spec, bytes(spec.keyBytes()));
    byte[] plain = bytes(131 * 512);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stored = arena.allocate(plain.length);

      cipher.encrypt(3, MemorySegment.ofArray(plain), stored);
      assertThat(stored.toArray(ValueLayout.JAVA_BYTE)).isNotEqualTo(plain);
      cipher.decrypt(3, stored, stored);

      assertThat(stored.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(plain);
    }
  }

  @Test
  void partsOfSectorsAndOtherKeysAreRefused() {
    SectorCipher cipher = new SectorCipher(CipherSpec.AES_CBC_PLAIN64, bytes(16));

    assertThatThrownBy(() -> cipher.encrypt(0, new byte[513]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new SectorCipher(CipherSpec.AES_CBC_PLAIN64, bytes(32)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aClosedCipherHasForgottenItsKeyAndNeverShowsIt() {
    byte[] key = bytes(16);
    SectorCipher cipher = new SectorCipher(CipherSpec.AES_CBC_PLAIN64, key);
    byte[] before = new byte[512];
    cipher.encrypt(0, before);

    cipher.close();

    byte[] after = new byte[512];
    cipher.encrypt(0, after);
    assertThat(after).isNotEqualTo(before);
    assertThat(cipher).hasToString("SectorCipher[aes-128, cbc-plain64]");
  }

  private static String encrypted(CipherAlgorithm algorithm, String key, long sector) {
    byte[] bytes = new byte[512];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    new SectorCipher(spec(algorithm, CipherMode.XTS, IvAlgorithm.PLAIN64), HEX.parseHex(key))
        .encrypt(sector, bytes);
    return HEX.formatHex(bytes);
  }

  private static byte[] vector(IvAlgorithm iv, byte[] key, long sector) throws Exception {
    byte[] vector = new byte[16];
    for (int i = 0; i < (iv == IvAlgorithm.PLAIN ? 4 : 8); i++) {
      vector[i] = (byte) (sector >>> (8 * i));
    }
    if (iv == IvAlgorithm.ESSIV) {
      Cipher jdk = Cipher.getInstance("AES/ECB/NoPadding");
      byte[] hashed = MessageDigest.getInstance("SHA-256").digest(key);
      jdk.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(hashed, "AES"));
      return jdk.doFinal(vector);
    }
    return vector;
  }

  private static CipherSpec spec(CipherAlgorithm algorithm, CipherMode mode, IvAlgorithm iv) {
    return new CipherSpec(algorithm, mode, iv, Optional.of(HashAlgorithm.SHA256));
  }

  private static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    new Random(count).nextBytes(bytes);
    return bytes;
  }

  private static final String VECTOR_4 =
      "27a7479befa1d476489f308cd4cfa6e2a96e4bbe3208ff25287dd3819616e89cc78cf7f5e543445f"
          + "8333d8fa7f56000005279fa5d8b5e4ad40e736ddb4d35412328063fd2aab53e5ea1e0a9f332500a5"
          + "df9487d07a5c92cc512c8866c7e860ce93fdf166a24912b422976146ae20ce846bb7dc9ba94a767a"
          + "aef20c0d61ad02655ea92dc4c4e41a8952c651d33174be51a10c421110e6d81588ede82103a252d8"
          + "a750e8768defffed9122810aaeb99f9172af82b604dc4b8e51bcb08235a6f4341332e4ca60482a4b"
          + "a1a03b3e65008fc5da76b70bf1690db4eae29c5f1badd03c5ccf2a55d705ddcd86d449511ceb7ec3"
          + "0bf12b1fa35b913f9f747a8afd1b130e94bff94effd01a91735ca1726acd0b197c4e5b03393697e1"
          + "26826fb6bbde8ecc1e08298516e2c9ed03ff3c1b7860f6de76d4cecd94c8119855ef5297ca67e9f3"
          + "e7ff72b1e99785ca0a7e7720c5b36dc6d72cac9574c8cbbc2f801e23e56fd344b07f22154beba0f0"
          + "8ce8891e643ed995c94d9a69c9f1b5f499027a78572aeebd74d20cc39881c213ee770b1010e4bea7"
          + "18846977ae119f7a023ab58cca0ad752afe656bb3c17256a9f6e9bf19fdd5a38fc82bbe872c5539e"
          + "db609ef4f79c203ebb140f2e583cb2ad15b4aa5b655016a8449277dbd477ef2c8d6c017db738b18d"
          + "eb4a427d1923ce3ff262735779a418f20a282df920147beabe421ee5319d0568";

  private static final String VECTOR_10 =
      "1c3b3a102f770386e4836c99e370cf9bea00803f5e482357a4ae12d414a3e63b5d31e276f8fe4a8d"
          + "66b317f9ac683f44680a86ac35adfc3345befecb4bb188fd5776926c49a3095eb108fd1098baec70"
          + "aaa66999a72a82f27d848b21d4a741b0c5cd4d5fff9dac89aeba122961d03a757123e9870f8acf10"
          + "00020887891429ca2a3e7a7d7df7b10355165c8b9a6d0a7de8b062c4500dc4cd120c0f7418dae3d0"
          + "b5781c34803fa75421c790dfe1de1834f280d7667b327f6c8cd7557e12ac3a0f93ec05c52e0493ef"
          + "31a12d3d9260f79a289d6a379bc70c50841473d1a8cc81ec583e9645e07b8d9670655ba5bbcfecc6"
          + "dc3966380ad8fecb17b6ba02469a020a84e18e8f84252070c13e9f1f289be54fbc481457778f6160"
          + "15e1327a02b140f1505eb309326d68378f8374595c849d84f4c333ec4423885143cb47bd71c5edae"
          + "9be69a2ffeceb1bec9de244fbe15992b11b77c040f12bd8f6a975a44a0f90c29a9abc3d4d8939272"
          + "84c58754cce294529f8614dcd2aba991925fedc4ae74ffac6e333b93eb4aff0479da9a410e4450e0"
          + "dd7ae4c6e2910900575da401fc07059f645e8b7e9bfdef33943054ff84011493c27b3429eaedb4ed"
          + "5376441a77ed43851ad77f16f541dfd269d50d6a5f14fb0aab1cbb4c1550be97f7ab4066193c4caa"
          + "773dad38014bd2092fa755c824bb5e54c4f36ffda9fcea70b9c6e693e148c151";
}
