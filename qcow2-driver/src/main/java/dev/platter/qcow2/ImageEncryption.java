package dev.platter.qcow2;

import dev.platter.api.driver.DataCipher;
import dev.platter.api.driver.FormatOpening;
import dev.platter.api.driver.Secret;
import dev.platter.api.error.ImageFormatException;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import dev.platter.crypto.CipherSpec;
import dev.platter.crypto.CryptoException;
import dev.platter.crypto.LuksDetails;
import dev.platter.crypto.LuksVolume;
import dev.platter.crypto.SectorCipher;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How an open image's guest bytes are encrypted ("Data encryption"). Tables and everything else
 * that is not guest data never are.
 *
 * <p>What differs is what a sector's number is counted by: the guest's disk (AES), so that a sector
 * looks the same wherever it lies, or the image's file (LUKS).
 */
final class ImageEncryption implements DataCipher, AutoCloseable {
  private static final int AES_KEY_BYTES = 16;

  private final boolean byHostOffset;
  private final Optional<SectorCipher> cipher;

  private ImageEncryption(boolean byHostOffset, Optional<SectorCipher> cipher) {
    this.byHostOffset = byHostOffset;
    this.cipher = cipher;
  }

  /**
   * Unlocks an image; one that is only looked at stays locked.
   *
   * @return empty if the image is not encrypted; else to be closed
   * @throws OptionException if no passphrase is given
   * @throws ImageFormatException if the passphrase is not the image's, or the header of the
   *     encryption is damaged
   */
  static Optional<ImageEncryption> open(FormatOpening opening, Qcow2Header header)
      throws IOException {
    return switch (header.cryptMethod()) {
      case Qcow2Header.CRYPT_NONE -> Optional.empty();
      case Qcow2Header.CRYPT_AES -> Optional.of(aes(opening));
      default -> Optional.of(luks(opening, header));
    };
  }

  private static ImageEncryption aes(FormatOpening opening) throws OptionException {
    if (!opening.movesData()) {
      return new ImageEncryption(false, Optional.empty());
    }
    try (Secret passphrase = passphrase(opening)) {
      byte[] key = Arrays.copyOf(passphrase.bytes(), AES_KEY_BYTES);
      SectorCipher cipher = new SectorCipher(CipherSpec.AES_CBC_PLAIN64, key);
      Arrays.fill(key, (byte) 0);
      return new ImageEncryption(false, Optional.of(cipher));
    }
  }

  private static ImageEncryption luks(FormatOpening opening, Qcow2Header header)
      throws IOException {
    try {
      if (!opening.movesData()) {
        volume(new ImageFile(opening.file()), header);
        return new ImageEncryption(true, Optional.empty());
      }
      try (Secret passphrase = passphrase(opening)) {
        LuksVolume volume = volume(new ImageFile(opening.file()), header);
        return new ImageEncryption(true, Optional.of(volume.unlock(passphrase.bytes())));
      }
    } catch (CryptoException e) {
      throw refusal(opening.imageName(), e);
    }
  }

  /** The volume that a LUKS image's header describes. */
  static LuksVolume volume(ImageFile file, Qcow2Header header) throws IOException {
    return LuksVolume.read(
        new CryptoHeaderStorage(
            file, header.extension(HeaderExtension.CryptoHeader.class).orElseThrow()));
  }

  /** What the encryption says of itself, by QEMU's names; empty if there is none. */
  static Optional<Map<String, Object>> describe(
      String imageName, ImageFile file, Qcow2Header header) throws IOException {
    if (header.cryptMethod() == Qcow2Header.CRYPT_NONE) {
      return Optional.empty();
    }
    Map<String, Object> facts = new LinkedHashMap<>();
    boolean luks = header.cryptMethod() == Qcow2Header.CRYPT_LUKS;
    facts.put("format", luks ? "luks" : "aes");
    if (luks) {
      try {
        facts.putAll(LuksDetails.of(volume(file, header)));
      } catch (CryptoException e) {
        throw refusal(imageName, e);
      }
    }
    return Optional.of(facts);
  }

  /** What is wrong with the encryption, as something wrong with the image. */
  static ImageFormatException refusal(String imageName, CryptoException e) {
    ImageFormatException refusal = new ImageFormatException(imageName, e.getMessage());
    refusal.initCause(e);
    return refusal;
  }

  private static Secret passphrase(FormatOpening opening) throws OptionException {
    String option = Qcow2Options.ENCRYPT_KEY_SECRET.name();
    String id =
        opening
            .options()
            .given(Qcow2Options.ENCRYPT_KEY_SECRET)
            .orElseThrow(() -> missingSecret(option));
    return opening.environment().secrets().passphrase(option, id);
  }

  /** The refusal where an option is needed that names a secret. */
  static OptionException missingSecret(String option) {
    return new OptionException(
        OptionProblem.of(option, "Parameter '%s' is required for cipher".formatted(option)));
  }

  @Override
  public void encrypt(
      long hostOffset, long guestOffset, MemorySegment plain, MemorySegment stored) {
    unlocked().encrypt(sector(hostOffset, guestOffset), plain, stored);
  }

  @Override
  public void decrypt(
      long hostOffset, long guestOffset, MemorySegment stored, MemorySegment plain) {
    unlocked().decrypt(sector(hostOffset, guestOffset), stored, plain);
  }

  private long sector(long hostOffset, long guestOffset) {
    return (byHostOffset ? hostOffset : guestOffset) / SECTOR_BYTES;
  }

  private SectorCipher unlocked() {
    return cipher.orElseThrow(
        () -> new IllegalStateException("the image was opened without its key"));
  }

  @Override
  public void close() {
    cipher.ifPresent(SectorCipher::close);
  }
}
