package dev.platter.crypto;

/** Which headers can be: QEMU's checks, in its order and words. */
final class LuksHeaderRules {
  private final LuksHeader header;

  private LuksHeaderRules(LuksHeader header) {
    this.header = header;
  }

  /**
   * Lets a header pass whose regions lie apart and whose counts can be.
   *
   * @throws CryptoException for the first one that cannot
   */
  static void check(LuksHeader header) throws CryptoException {
    LuksHeaderRules rules = new LuksHeaderRules(header);
    if (header.payloadSector() < LuksHeader.HEADER_SECTORS) {
      throw new CryptoException("LUKS payload is overlapping with the header");
    }
    if (header.keyIterations() == 0) {
      throw new CryptoException("LUKS key iteration count is zero");
    }
    for (int i = 0; i < LuksHeader.SLOT_COUNT; i++) {
      rules.checkSlot(i);
      rules.checkRegion(i);
    }
  }

  private void checkSlot(int slotIndex) throws CryptoException {
    LuksKeySlot slot = header.slots().get(slotIndex);
    if (slot.stripeCount() != LuksKeySlot.STRIPES) {
      throw new CryptoException(
          "Keyslot %d is corrupted (stripes %d != %d)"
              .formatted(slotIndex, slot.stripeCount(), LuksKeySlot.STRIPES));
    }
    if (slot.state() != LuksKeySlot.ACTIVE && slot.state() != LuksKeySlot.INACTIVE) {
      throw new CryptoException(
          "Keyslot %d state (active/disable) is corrupted".formatted(slotIndex));
    }
    if (slot.active() && slot.iterations() == 0) {
      throw new CryptoException("Keyslot %d iteration count is zero".formatted(slotIndex));
    }
  }

  private void checkRegion(int slotIndex) throws CryptoException {
    long start = header.slots().get(slotIndex).materialSector();
    long end = start + LuksHeader.materialSectors(header.keyBytes(), LuksKeySlot.STRIPES);
    if (start < LuksHeader.HEADER_SECTORS) {
      throw new CryptoException(
          "Keyslot %d is overlapping with the LUKS header".formatted(slotIndex));
    }
    if (end > header.payloadSector()) {
      throw new CryptoException(
          "Keyslot %d is overlapping with the encrypted payload".formatted(slotIndex));
    }
    for (int other = slotIndex + 1; other < LuksHeader.SLOT_COUNT; other++) {
      long otherStart = header.slots().get(other).materialSector();
      if (end > otherStart && otherStart + (end - start) > start) {
        throw new CryptoException(
            "Keyslots %d and %d are overlapping in the header".formatted(slotIndex, other));
      }
    }
  }
}
