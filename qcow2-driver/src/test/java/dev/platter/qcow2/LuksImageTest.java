package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.Preallocation;
import dev.platter.api.driver.AmendableFormat.Amendment;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.driver.DataCipher;
import dev.platter.api.driver.Mapping;
import dev.platter.api.error.ImageFormatException;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionValue;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Images whose encryption has a header of its own. A secret's bytes are its name here. */
class LuksImageTest {
  private static final long DISK_BYTES = 1 << 20;
  private static final String NO_SLOT = "Invalid password, cannot unlock any keyslot";
  private static byte[] imageBytes;

  @BeforeAll
  static void createImage() throws IOException {
    imageBytes =
        NewImages.create(
                DISK_BYTES,
                "encrypt.format=luks",
                "encrypt.key-secret=first",
                "encrypt.iter-time=1")
            .bytes();
  }

  @Test
  void dataLooksDifferentAtEachHostOffsetAndNotByGuestOffset() throws IOException {
    try (Qcow2Format image = Images.open(image(), "encrypt.key-secret=first")) {
      DataCipher cipher = image.dataCipher().orElseThrow();

      assertThat(encrypted(cipher, 65536, 0)).isEqualTo(encrypted(cipher, 65536, 512));
      assertThat(encrypted(cipher, 65536, 0)).isNotEqualTo(encrypted(cipher, 66048, 0));
    }
  }

  @Test
  void passphrasesThatOpenNoSlotAreRefusedBeforeAnythingIsWritten() {
    MemoryNode node = image();

    assertThatThrownBy(() -> Images.open(node, "encrypt.key-secret=wrong"))
        .isInstanceOf(ImageFormatException.class)
        .hasMessageEndingWith(NO_SLOT);
    assertThatThrownBy(() -> Images.open(node))
        .isInstanceOf(OptionException.class)
        .hasMessage("Parameter 'encrypt.key-secret' is required for cipher");
    assertThat(node.bytes()).isEqualTo(imageBytes);
  }

  @Test
  void headerOfTheEncryptionIsCountedAndKeptThroughRepairAndGrowth() throws IOException {
    MemoryNode node = image();
    try (Qcow2Format image = Images.open(node, "encrypt.key-secret=first")) {
      assertThat(image.check(Repair.ALL, _ -> {}).clean()).isTrue();
      image.resize(4 << 20, Preallocation.OFF);
      assertThat(image.check(Repair.NONE, _ -> {}).clean()).isTrue();
      assertThat(image.details().encrypted()).isTrue();
    }
    try (Qcow2Format again = Images.open(node.reopen(), "encrypt.key-secret=first")) {
      assertThat(again.size()).isEqualTo(4 << 20);
    }
  }

  @Test
  void noGuestWriteFallsOnTheHeaderOfTheEncryption() throws IOException {
    MemoryNode node = image();
    HeaderExtension.CryptoHeader where =
        HeaderCodec.decode("image", new ImageFile(node))
            .extension(HeaderExtension.CryptoHeader.class)
            .orElseThrow();
    MetadataRegions regions =
        MetadataRegions.of(
            "image",
            new ImageFile(node),
            HeaderCodec.decode("image", new ImageFile(node)),
            EnumSet.allOf(MetadataKind.class));

    assertThat(regions.regions())
        .anyMatch(region -> region.contains(where.offset() >>> 16))
        .anyMatch(region -> region.contains((where.offset() + where.length() - 1) >>> 16));
  }

  @Test
  void reservedSpaceReadsAsZeros() throws IOException {
    MemoryNode node =
        NewImages.create(
            DISK_BYTES, "preallocation=metadata", "encrypt.format=aes", "encrypt.key-secret=k");
    try (Qcow2Format image = Images.open(node, "encrypt.key-secret=k")) {
      assertThat(image.map(0, DISK_BYTES))
          .isInstanceOfSatisfying(
              Mapping.Zero.class, zero -> assertThat(zero.allocated()).isTrue());
      image.resize(2 * DISK_BYTES, Preallocation.METADATA);
      assertThat(image.map(DISK_BYTES, DISK_BYTES))
          .isInstanceOfSatisfying(
              Mapping.Zero.class, zero -> assertThat(zero.allocated()).isTrue());
    }
  }

  @Test
  void keySlotsAreAddedAndErasedByAmendment() throws IOException {
    MemoryNode node = image();
    amend(
        node, "first", "encrypt.state=active", "encrypt.new-secret=second", "encrypt.iter-time=1");
    Images.open(node.reopen(), "encrypt.key-secret=second").close();

    amend(node, "second", "encrypt.state=inactive", "encrypt.old-secret=first");

    assertThatThrownBy(() -> Images.open(node.reopen(), "encrypt.key-secret=first"))
        .hasMessageEndingWith(NO_SLOT);
    assertThatThrownBy(() -> amend(node, "second", "encrypt.state=inactive"))
        .hasMessageStartingWith("To erase keyslot(s), either explicit keyslot index");
    assertThatThrownBy(() -> amend(node, "second", "encrypt.state=inactive", "encrypt.keyslot=1"))
        .hasMessageStartingWith("Attempt to erase the only active keyslot 1 ");
    assertThatThrownBy(() -> amend(node, "second", "encrypt.state=active"))
        .hasMessage("'new-secret' is required to activate a keyslot");
  }

  private static void amend(MemoryNode node, String key, String... keyValues) throws IOException {
    Map<String, OptionValue> raw = new LinkedHashMap<>();
    for (String keyValue : keyValues) {
      int equals = keyValue.indexOf('=');
      raw.put(keyValue.substring(0, equals), OptionValue.of(keyValue.substring(equals + 1)));
    }
    try (Qcow2Format image = Images.open(node.reopen(), "encrypt.key-secret=" + key)) {
      image.amend(new Amendment(Qcow2AmendOptions.SCHEMA.read("amend", raw), false, _ -> {}));
    }
  }

  private static byte[] encrypted(DataCipher cipher, long hostOffset, long guestOffset) {
    MemorySegment sector = MemorySegment.ofArray(new byte[512]);
    cipher.encrypt(hostOffset, guestOffset, sector, sector);
    return sector.toArray(ValueLayout.JAVA_BYTE);
  }

  private static MemoryNode image() {
    return MemoryNode.of("image", imageBytes);
  }
}
