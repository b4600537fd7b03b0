package dev.platter.crypto;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The header of a volume (LUKS on-disk format 1.2.3, "The LUKS partition header").
 *
 * @param cipherName the cipher: {@code aes}
 * @param cipherMode its mode: {@code xts-plain64}
 * @param hashName the hash of key derivations
 * @param payloadSector where the encrypted sectors begin, in sectors of 512 bytes
 * @param keyBytes the length of the volume's key
 * @param keyDigest by which the volume's key is recognized
 * @param keySalt of the digest
 * @param keyIterations of the digest
 * @param uuid the volume's name
 * @param slots the key slots, {@link #SLOT_COUNT}
 */
@SuppressWarnings("ArrayRecordComponent") // shared within the package, and never written
record LuksHeader(
    String cipherName,
    String cipherMode,
    String hashName,
    long payloadSector,
    long keyBytes,
    byte[] keyDigest,
    byte[] keySalt,
    long keyIterations,
    String uuid,
    List<LuksKeySlot> slots) {
  static final int BYTES = 592;
  static final int SLOT_COUNT = 8;
  static final int DIGEST_BYTES = 20;

  /** Where key material may begin: what comes before belongs to the header. */
  static final int HEADER_SECTORS = 8;

  private static final byte[] MAGIC = {'L', 'U', 'K', 'S', (byte) 0xba, (byte) 0xbe};
  private static final int VERSION = 1;
  private static final int NAME_BYTES = 32;
  private static final int UUID_BYTES = 40;
  private static final int SLOTS_OFFSET = 208;

  LuksHeader {
    slots = List.copyOf(slots);
  }

  /** Whether bytes begin as a header does: at least 8 of them. */
  static boolean startsWithMagic(ByteBuffer head) {
    return head.remaining() >= MAGIC.length + Short.BYTES
        && head.slice(head.position(), MAGIC.length).equals(ByteBuffer.wrap(MAGIC))
        && head.getShort(head.position() + MAGIC.length) == VERSION;
  }

  /**
   * Decodes and validates a header.
   *
   * @param bytes {@link #BYTES} of them; untrusted
   * @throws CryptoException if a field has a value that it cannot have
   */
  static LuksHeader decode(ByteBuffer bytes) throws CryptoException {
    byte[] magic = new byte[MAGIC.length];
    bytes.get(magic);
    if (!ByteBuffer.wrap(magic).equals(ByteBuffer.wrap(MAGIC))) {
      throw new CryptoException("Volume is not in LUKS format");
    }
    int version = Short.toUnsignedInt(bytes.getShort());
    if (version != VERSION) {
      throw new CryptoException("LUKS version %d is not supported".formatted(version));
    }
    String cipherName = name(bytes, "cipher name");
    String cipherMode = name(bytes, "cipher mode");
    String hashName = name(bytes, "hash spec");
    long payloadSector = Integer.toUnsignedLong(bytes.getInt());
    long keyBytes = Integer.toUnsignedLong(bytes.getInt());
    byte[] keyDigest = take(bytes, DIGEST_BYTES);
    byte[] keySalt = take(bytes, LuksKeySlot.SALT_BYTES);
    long keyIterations = Integer.toUnsignedLong(bytes.getInt());
    String uuid = text(take(bytes, UUID_BYTES));
    List<LuksKeySlot> slots = new ArrayList<>();
    for (int i = 0; i < SLOT_COUNT; i++) {
      slots.add(LuksKeySlot.take(bytes));
    }
    LuksHeader header =
        new LuksHeader(
            cipherName,
            cipherMode,
            hashName,
            payloadSector,
            keyBytes,
            keyDigest,
            keySalt,
            keyIterations,
            uuid,
            slots);
    LuksHeaderRules.check(header);
    return header;
  }

  /** The header's bytes. */
  byte[] encode() {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
    bytes.put(MAGIC).putShort((short) VERSION);
    putText(bytes, cipherName, NAME_BYTES);
    putText(bytes, cipherMode, NAME_BYTES);
    putText(bytes, hashName, NAME_BYTES);
    bytes.putInt((int) payloadSector).putInt((int) keyBytes).put(keyDigest).put(keySalt);
    bytes.putInt((int) keyIterations);
    putText(bytes, uuid, UUID_BYTES);
    slots.forEach(slot -> slot.put(bytes));
    return bytes.array();
  }

  /** Where a slot lies in the header. */
  static long slotOffset(int slotIndex) {
    return SLOTS_OFFSET + (long) slotIndex * LuksKeySlot.BYTES;
  }

  /** The same header with another slot. */
  LuksHeader with(int slotIndex, LuksKeySlot slot) {
    List<LuksKeySlot> changed = new ArrayList<>(slots);
    changed.set(slotIndex, slot);
    return new LuksHeader(
        cipherName,
        cipherMode,
        hashName,
        payloadSector,
        keyBytes,
        keyDigest,
        keySalt,
        keyIterations,
        uuid,
        changed);
  }

  /**
   * Sectors that the key material of one slot takes: as cryptsetup counts, not as the specification
   * says.
   */
  static long materialSectors(long keyBytes, long stripeCount) {
    long bytes = keyBytes * stripeCount;
    long sectors = Math.ceilDiv(bytes, (long) SectorCipher.SECTOR_BYTES);
    return Math.ceilDiv(sectors, (long) HEADER_SECTORS) * HEADER_SECTORS;
  }

  private static String name(ByteBuffer bytes, String what) throws CryptoException {
    byte[] field = take(bytes, NAME_BYTES);
    String name = text(field);
    if (name.length() == field.length) {
      throw new CryptoException("LUKS header %s is not NUL terminated".formatted(what));
    }
    return name;
  }

  private static byte[] take(ByteBuffer bytes, int count) {
    byte[] field = new byte[count];
    bytes.get(field);
    return field;
  }

  private static String text(byte[] field) {
    int end = 0;
    while (end < field.length && field[end] != 0) {
      end++;
    }
    return new String(field, 0, end, StandardCharsets.ISO_8859_1);
  }

  private static void putText(ByteBuffer bytes, String text, int fieldBytes) {
    int end = bytes.position() + fieldBytes;
    bytes.put(text.getBytes(StandardCharsets.ISO_8859_1)).position(end);
  }
}
