package dev.platter.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LuksVolumeTest {
  private static final byte[] FIRST = "first passphrase".getBytes(UTF_8);
  private static final byte[] SECOND = "zw\u00f6lf B\u00e4ume \u2713".getBytes(UTF_8);
  private static final byte[] WRONG = "wrong".getBytes(UTF_8);
  private static final String NO_SLOT = "Invalid password, cannot unlock any keyslot";

  private static final LuksParameters QUICK =
      new LuksParameters(
          new CipherSpec(
              CipherAlgorithm.AES_256, CipherMode.XTS, IvAlgorithm.PLAIN64, Optional.empty()),
          HashAlgorithm.SHA256,
          1);

  private static byte[] volumeBytes;

  @BeforeAll
  static void createVolume() throws IOException {
    MemoryVolume memory = new MemoryVolume(new byte[Math.toIntExact(QUICK.payloadOffset())]);
    LuksVolume.create(memory, QUICK, FIRST);
    volumeBytes = memory.bytes();
  }

  @Test
  void thePassphraseOfAVolumeOpensItAndNoOtherDoes() throws IOException {
    MemoryVolume memory = created();
    LuksVolume volume = LuksVolume.read(memory);

    assertThat(volume.payloadOffset()).isEqualTo(2068480);
    assertThat(volume.findKey(FIRST)).hasSize(64);
    assertThatThrownBy(() -> volume.unlock(WRONG)).hasMessage(NO_SLOT);
    assertThat(LuksVolume.startsWithMagic(ByteBuffer.wrap(memory.bytes()))).isTrue();
  }

  @Test
  void aVolumeDescribesItselfWithoutAPassphrase() throws IOException {
    Map<String, Object> facts = LuksDetails.of(LuksVolume.read(created()));

    assertThat(facts)
        .containsEntry("cipher-alg", "aes-256")
        .containsEntry("cipher-mode", "xts")
        .containsEntry("ivgen-alg", "plain64")
        .containsEntry("hash-alg", "sha256")
        .containsEntry("payload-offset", 2068480L)
        .doesNotContainKey("ivgen-hash-alg");
    assertThat((List<?>) facts.get("slots")).hasSize(8);
  }

  @Test
  void anyActiveSlotOpensAndErasedOnesDoNot() throws IOException {
    MemoryVolume memory = created();
    LuksVolume volume = LuksVolume.read(memory);
    LuksKeySlots slots = new LuksKeySlots(volume);
    byte[] key = volume.findKey(FIRST);

    assertThat(slots.add(FIRST, SECOND, OptionalInt.empty(), 1, false)).isEqualTo(1);
    assertThat(LuksVolume.read(memory).findKey(SECOND)).isEqualTo(key);
    slots.erase(FIRST, false);

    LuksVolume after = LuksVolume.read(memory);
    assertThat(after.findKey(SECOND)).isEqualTo(key);
    assertThatThrownBy(() -> after.findKey(FIRST)).hasMessage(NO_SLOT);
    assertThatThrownBy(() -> slots.erase(SECOND, false))
        .hasMessageStartingWith("All the active keyslots match the (old) password");
    assertThatThrownBy(() -> slots.erase(1, false))
        .hasMessageStartingWith("Attempt to erase the only active keyslot 1 ");
    slots.erase(1, true);
    assertThatThrownBy(() -> LuksVolume.read(memory).findKey(SECOND)).hasMessage(NO_SLOT);
  }

  @Test
  void slotsThatCannotBeFilledAreRefused() throws IOException {
    LuksKeySlots slots = new LuksKeySlots(LuksVolume.read(created()));

    assertThatThrownBy(() -> slots.add(FIRST, SECOND, OptionalInt.of(0), 1, false))
        .hasMessage("Refusing to overwrite active keyslot 0 - please erase it first");
    assertThatThrownBy(() -> slots.add(FIRST, SECOND, OptionalInt.of(8), 1, false))
        .hasMessage("Invalid keyslot 8 specified, must be between 0 and 7");
    assertThatThrownBy(() -> slots.add(WRONG, SECOND, OptionalInt.empty(), 1, false))
        .hasMessage(NO_SLOT);
    assertThatThrownBy(() -> slots.erase(3, false))
        .hasMessage("Given keyslot 3 is already erased (inactive) ");
    assertThatThrownBy(() -> slots.requireOpens(0, WRONG))
        .hasMessageStartingWith("Given keyslot 0 doesn't contain the given old password");
  }

  /** The stripes of a key of 24 bytes take 187 sectors and a half. */
  @Test
  void keyMaterialThatEndsWithinASectorIsPaddedWithZeros() throws Exception {
    CipherSpec cipher =
        new CipherSpec(
            CipherAlgorithm.AES_192, CipherMode.CBC, IvAlgorithm.PLAIN64, Optional.empty());
    LuksParameters parameters = new LuksParameters(cipher, HashAlgorithm.SHA256, 1);
    MemoryVolume memory = new MemoryVolume(new byte[Math.toIntExact(parameters.payloadOffset())]);

    LuksVolume.create(memory, parameters, FIRST);

    LuksVolume volume = LuksVolume.read(memory);
    byte[] key = volume.findKey(FIRST);
    assertThat(key).hasSize(24);
    LuksKeySlot slot = volume.header().slots().getFirst();
    byte[] slotKey =
        Pbkdf2.derive(HashAlgorithm.SHA256, FIRST, slot.salt(), slot.iterations(), key.length);
    byte[] lastSector = new byte[SectorCipher.SECTOR_BYTES];
    memory.read(slot.materialOffset() + 187 * SectorCipher.SECTOR_BYTES, lastSector);
    try (SectorCipher slotCipher = new SectorCipher(cipher, slotKey)) {
      slotCipher.decrypt(187, lastSector);
    }
    assertThat(Arrays.copyOfRange(lastSector, 0, 256)).isNotEqualTo(new byte[256]);
    assertThat(Arrays.copyOfRange(lastSector, 256, 512)).isEqualTo(new byte[256]);

    LuksKeySlots slots = new LuksKeySlots(volume);
    assertThat(slots.add(FIRST, SECOND, OptionalInt.empty(), 1, false)).isEqualTo(1);
    slots.erase(FIRST, false);
    assertThat(LuksVolume.read(memory).findKey(SECOND)).isEqualTo(key);
  }

  /** Slot 6 lies in two sectors. The passphrase that opens another one is never touched. */
  @Test
  void aPowerCutWhileSlotsChangeLocksNobodyOut() throws IOException {
    MemoryVolume memory = created();
    LuksKeySlots slots = new LuksKeySlots(LuksVolume.read(memory));
    slots.add(FIRST, SECOND, OptionalInt.of(6), 1, false);
    slots.erase(6, false);

    for (byte[] state : memory.crashStates()) {
      LuksVolume volume = LuksVolume.read(new MemoryVolume(state));
      LuksKeySlot slot = volume.header().slots().get(6);
      int ownEnd = Math.toIntExact(LuksHeader.slotOffset(6));
      int otherStart = Math.toIntExact(slot.materialOffset());
      assertThat(Arrays.equals(state, 0, ownEnd, memory.bytes(), 0, ownEnd)).isTrue();
      assertThat(Arrays.equals(state, 592, otherStart, memory.bytes(), 592, otherStart)).isTrue();
      assertThat(!slot.active() || volume.opens(6, SECOND)).as("slot 6 opens or is free").isTrue();
    }
    assertThat(memory.crashStates()).hasSizeGreaterThan(20);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, Volume is not in LUKS format",
    "7, 2, LUKS version 2 is not supported",
    "8, 120, 'Algorithm ''xes'' with key size 32 bytes not supported'",
    "40, 122, Cipher mode 'zts' not supported",
    "43, 32, Unexpected cipher mode string format 'xts plain64'",
    "44, 113, IV generator 'qlain64' not supported",
    "72, 122, Hash algorithm 'zha256' not supported",
    "106, 0, Keyslot 0 is overlapping with the encrypted payload",
    "110, 9, Keyslot 0 is overlapping with the encrypted payload",
    "211, 0, Keyslot 0 state (active/disable) is corrupted",
    "255, 1, 'Keyslot 0 is corrupted (stripes 4001 != 4000)'",
    "251, 1, Keyslot 0 is overlapping with the LUKS header",
    "299, 9, Keyslots 0 and 1 are overlapping in the header",
  })
  void headersThatCannotBeAreRefused(int at, int value, String message) throws IOException {
    byte[] bytes = created().bytes();
    bytes[at] = (byte) (at == 255 ? bytes[at] + value : value);
    if (at == 299) {
      bytes[298] = 0;
    }
    assertThatThrownBy(() -> LuksVolume.read(new MemoryVolume(bytes)))
        .isInstanceOf(CryptoException.class)
        .hasMessage(message);
  }

  @Test
  void namesWithoutAnEndAndCountsOfZeroAreRefused() throws IOException {
    byte[] bytes = created().bytes();
    ByteBuffer header = ByteBuffer.wrap(bytes);
    header.putInt(164, 0);
    assertRefused(bytes, "LUKS key iteration count is zero");
    header.putInt(164, 1).putInt(212, 0);
    assertRefused(bytes, "Keyslot 0 iteration count is zero");
    Arrays.fill(bytes, 8, 40, (byte) 'a');
    assertRefused(bytes, "LUKS header cipher name is not NUL terminated");
  }

  private static void assertRefused(byte[] bytes, String message) {
    assertThatThrownBy(() -> LuksVolume.read(new MemoryVolume(bytes))).hasMessage(message);
  }

  private static MemoryVolume created() {
    return new MemoryVolume(volumeBytes);
  }
}
