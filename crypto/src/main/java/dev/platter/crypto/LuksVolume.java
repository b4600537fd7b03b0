package dev.platter.crypto;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * A volume in LUKS version 1: its header, and the keys to it.
 *
 * <p>Threads: used by one at a time.
 */
public final class LuksVolume {
  /** Key slots of a volume. */
  public static final int SLOT_COUNT = LuksHeader.SLOT_COUNT;

  private static final long LEAST_KEY_ITERATIONS = 1000;
  private static final int KEY_ITERATIONS_DIVISOR = 8;

  private final LuksStorage storage;
  private final CipherSpec cipher;
  private final HashAlgorithm hash;
  private final LuksKeyMaterial keyMaterial;
  private LuksHeader header;

  private LuksVolume(
      LuksStorage storage, LuksHeader header, CipherSpec cipher, HashAlgorithm hash) {
    this.storage = storage;
    this.header = header;
    this.cipher = cipher;
    this.hash = hash;
    this.keyMaterial = new LuksKeyMaterial(cipher, hash);
  }

  /** Whether the first bytes of a file are those of a volume. */
  public static boolean startsWithMagic(ByteBuffer head) {
    return LuksHeader.startsWithMagic(head);
  }

  /**
   * Reads and validates a volume's header. Needs no passphrase.
   *
   * @throws CryptoException if it is no acceptable header, or encrypts as nobody here can
   */
  public static LuksVolume read(LuksStorage storage) throws IOException {
    byte[] bytes = new byte[LuksHeader.BYTES];
    storage.read(0, bytes);
    LuksHeader header = LuksHeader.decode(ByteBuffer.wrap(bytes));
    CipherSpec cipher =
        CipherSpec.parse(header.cipherName(), header.cipherMode(), header.keyBytes());
    return new LuksVolume(storage, header, cipher, HashAlgorithm.of(header.hashName()));
  }

  /**
   * Makes a volume that one passphrase opens, in the first slot.
   *
   * @param storage takes at least {@link LuksParameters#payloadOffset()} bytes; what was there
   *     between header and key material is left
   * @param passphrase the bytes of the passphrase; the caller zeroes them
   */
  public static void create(LuksStorage storage, LuksParameters parameters, byte[] passphrase)
      throws IOException {
    parameters.cipher().check();
    SecureRandom random = new SecureRandom();
    byte[] key = new byte[parameters.cipher().keyBytes()];
    random.nextBytes(key);
    try {
      LuksHeader empty = newHeader(parameters, key, random);
      LuksVolume volume = new LuksVolume(storage, empty, parameters.cipher(), parameters.hash());
      LuksKeyMaterial.Filled filled =
          volume.keyMaterial.seal(
              empty.slots().getFirst(), key, passphrase, parameters.iterationMillis(), random);
      storage.write(filled.slot().materialOffset(), filled.material());
      storage.flush();
      storage.write(0, empty.with(0, filled.slot()).encode());
      storage.flush();
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  private static LuksHeader newHeader(LuksParameters parameters, byte[] key, SecureRandom random)
      throws CryptoException {
    byte[] salt = new byte[LuksKeySlot.SALT_BYTES];
    random.nextBytes(salt);
    HashAlgorithm hash = parameters.hash();
    long iterations =
        Math.max(
            LEAST_KEY_ITERATIONS,
            IterationCount.taking(hash, parameters.iterationMillis(), LuksHeader.DIGEST_BYTES)
                / KEY_ITERATIONS_DIVISOR);
    LuksKeyMaterial.checkIterations(iterations);
    long materialSectors = LuksHeader.materialSectors(key.length, LuksKeySlot.STRIPES);
    LuksKeySlot[] slots = new LuksKeySlot[SLOT_COUNT];
    Arrays.setAll(
        slots, i -> LuksKeySlot.inactive(LuksHeader.HEADER_SECTORS + i * materialSectors));
    return new LuksHeader(
        CipherAlgorithm.NAME_IN_HEADER,
        parameters.cipher().modeText(),
        hash.word(),
        parameters.payloadOffset() / SectorCipher.SECTOR_BYTES,
        key.length,
        Pbkdf2.derive(hash, key, salt, iterations, LuksHeader.DIGEST_BYTES),
        salt,
        iterations,
        UUID.randomUUID().toString(),
        List.of(slots));
  }

  /** Where the encrypted sectors begin, if they follow the header. */
  public long payloadOffset() {
    return header.payloadSector() * SectorCipher.SECTOR_BYTES;
  }

  /** The header, for those who describe or change it. */
  LuksHeader header() {
    return header;
  }

  CipherSpec cipher() {
    return cipher;
  }

  HashAlgorithm hash() {
    return hash;
  }

  LuksKeyMaterial keyMaterial() {
    return keyMaterial;
  }

  LuksStorage storage() {
    return storage;
  }

  /** Takes note of a slot that has been written. */
  void replace(int slotIndex, LuksKeySlot slot) {
    header = header.with(slotIndex, slot);
  }

  /**
   * The cipher of the volume's sectors.
   *
   * @param passphrase opens any of the slots in use; the caller zeroes it
   * @throws CryptoException if it opens none
   */
  public SectorCipher unlock(byte[] passphrase) throws IOException {
    byte[] key = findKey(passphrase);
    try {
      return new SectorCipher(cipher, key);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  /** The volume's key, which the caller zeroes. */
  byte[] findKey(byte[] passphrase) throws IOException {
    for (int i = 0; i < SLOT_COUNT; i++) {
      byte[] key = new byte[cipher.keyBytes()];
      if (loadKey(i, passphrase, key)) {
        return key;
      }
    }
    throw new CryptoException("Invalid password, cannot unlock any keyslot");
  }

  /** Whether a passphrase opens a slot. */
  boolean opens(int slotIndex, byte[] passphrase) throws IOException {
    byte[] key = new byte[cipher.keyBytes()];
    boolean opens = loadKey(slotIndex, passphrase, key);
    Arrays.fill(key, (byte) 0);
    return opens;
  }

  /** Copies the volume's key to {@code key}, if the passphrase opens the slot. */
  private boolean loadKey(int slotIndex, byte[] passphrase, byte[] key) throws IOException {
    LuksKeySlot slot = header.slots().get(slotIndex);
    if (!slot.active()) {
      return false;
    }
    byte[] material = new byte[LuksKeySlot.materialBytes(key.length)];
    storage.read(slot.materialOffset(), material);
    byte[] candidate = keyMaterial.open(slot, material, passphrase);
    byte[] digest =
        Pbkdf2.derive(
            hash, candidate, header.keySalt(), header.keyIterations(), LuksHeader.DIGEST_BYTES);
    boolean opens = MessageDigest.isEqual(digest, header.keyDigest());
    if (opens) {
      System.arraycopy(candidate, 0, key, 0, key.length);
    }
    Arrays.fill(candidate, (byte) 0);
    return opens;
  }
}
