package dev.platter.luks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BackingReference;
import dev.platter.api.Preallocation;
import dev.platter.api.driver.AmendableFormat.Amendment;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.ImageCreation;
import dev.platter.api.driver.ImageMeasure;
import dev.platter.api.driver.MeasureRequest;
import dev.platter.api.error.ImageFormatException;
import dev.platter.api.error.OptionException;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValue;
import dev.platter.api.option.OptionValues;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.NamedSecrets;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Volumes: made, opened, described, resized, and given other passphrases. */
class LuksFormatTest {
  private static final LuksDriverProvider PROVIDER = new LuksDriverProvider();
  private static final long DISK_BYTES = 1 << 20;
  private static final long HEADER_BYTES = 2_068_480; // of a volume with QEMU's defaults
  private static byte[] fileBytes;

  @BeforeAll
  static void createVolume() throws IOException {
    fileBytes = created(DISK_BYTES, "key-secret=first", "iter-time=1").bytes();
  }

  @Test
  void newVolumeHasTheSizeThatMeasuringForetold() throws IOException {
    ImageMeasure measure =
        PROVIDER.measure(
            new MeasureRequest(
                read(PROVIDER.createOptions(), "key-secret=k"),
                DISK_BYTES,
                false,
                Optional.empty(),
                Optional.empty()));
    assertThat(measure.requiredBytes())
        .isEqualTo(fileBytes.length)
        .isEqualTo(HEADER_BYTES + DISK_BYTES);
    assertThat(measure.fullyAllocatedBytes()).isEqualTo(measure.requiredBytes());
  }

  @Test
  void sizeIsRoundedUpToSectors() throws IOException {
    MemoryNode file = created(1000, "key-secret=k", "iter-time=1");
    try (FormatDriver volume = open(file, "k")) {
      assertThat(volume.size()).isEqualTo(1024);
    }
  }

  @Test
  void passphraseThatOpensNoSlotIsRefused() {
    assertThatThrownBy(() -> open(volume(), "wrong"))
        .isInstanceOf(ImageFormatException.class)
        .hasMessageEndingWith("Invalid password, cannot unlock any keyslot");
    assertThatThrownBy(() -> PROVIDER.open(TestOpening.of(volume())))
        .isInstanceOf(OptionException.class)
        .hasMessage("Parameter 'key-secret' is required for cipher");
  }

  @Test
  void volumeThatEndsBeforeItsPayloadIsRefused() throws IOException {
    MemoryNode cut = volume();
    cut.resize(HEADER_BYTES - 512, Preallocation.OFF);
    assertThatThrownBy(() -> open(cut, "first"))
        .isInstanceOf(ImageFormatException.class)
        .hasMessageContaining("before the encrypted payload at 0x1f9000");
  }

  @Test
  void volumeWithABackingFileIsRefused() {
    BackingReference backing = new BackingReference("base", Optional.of("raw"));
    assertThatThrownBy(
            () ->
                PROVIDER.create(
                    new MemoryNode("new"),
                    new ImageCreation(
                        "new",
                        DISK_BYTES,
                        Optional.of(backing),
                        read(PROVIDER.createOptions(), "key-secret=k"),
                        NamedSecrets.INSTANCE)))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessage("Backing file not supported for file format 'luks'");
  }

  @Test
  void unknownCipherIsRefusedBeforeAnythingIsWritten() throws IOException {
    assertThat(
            PROVIDER.validateCreation(
                new ImageCreation(
                    "new",
                    DISK_BYTES,
                    Optional.empty(),
                    read(PROVIDER.createOptions(), "key-secret=k", "cipher-alg=bogus"),
                    NamedSecrets.INSTANCE)))
        .singleElement()
        .satisfies(
            problem ->
                assertThat(problem.message())
                    .isEqualTo("Parameter 'cipher-alg' does not accept value 'bogus'"));
  }

  @Test
  void sizeChangesAndTheHeaderStays() throws IOException {
    MemoryNode file = volume();
    try (LuksFormat volume = open(file, "first")) {
      volume.resize(3 * DISK_BYTES + 1, Preallocation.OFF, () -> {});
      assertThat(volume.size()).isEqualTo(3 * DISK_BYTES + 512);
      volume.resize(512, Preallocation.OFF, () -> {});
    }
    assertThat(file.size()).isEqualTo(HEADER_BYTES + 512);
    try (FormatDriver volume = open(file, "first")) {
      assertThat(volume.size()).isEqualTo(512);
    }
  }

  @Test
  void volumeSaysHowItEncryptsWithoutItsKey() throws IOException {
    try (LuksFormat volume = open(volume(), "first")) {
      assertThat(volume.details().encrypted()).isTrue();
      assertThat(volume.details().specific())
          .containsEntry("cipher-alg", "aes-256")
          .containsEntry("cipher-mode", "xts")
          .containsEntry("payload-offset", HEADER_BYTES);
    }
  }

  @Test
  void keySlotsAreAddedAndErasedByAmendment() throws IOException {
    MemoryNode file =
        created(512, "key-secret=first", "iter-time=1", "cipher-alg=aes-128", "cipher-mode=cbc");
    amend(file, "first", "state=active", "new-secret=second", "iter-time=1");
    amend(file, "second", "state=inactive", "old-secret=first");
    open(file, "second").close();
    assertThatThrownBy(() -> open(file, "first")).isInstanceOf(ImageFormatException.class);
    assertThatThrownBy(() -> amend(file, "second", "state=inactive", "keyslot=1"))
        .isInstanceOf(OptionException.class)
        .hasMessageStartingWith("Attempt to erase the only active keyslot 1 ");
    assertThatThrownBy(() -> amend(file, "second", "keyslot=1"))
        .isInstanceOf(OptionException.class)
        .hasMessage("Parameter 'state' is missing");
  }

  private static MemoryNode volume() {
    return MemoryNode.of("volume", fileBytes.clone());
  }

  private static MemoryNode created(long sizeBytes, String... options) throws IOException {
    MemoryNode file = new MemoryNode("volume");
    PROVIDER.create(
        file,
        new ImageCreation(
            "volume",
            sizeBytes,
            Optional.empty(),
            read(PROVIDER.createOptions(), options),
            NamedSecrets.INSTANCE));
    return file;
  }

  private static LuksFormat open(MemoryNode file, String secret) throws IOException {
    return (LuksFormat)
        PROVIDER.open(TestOpening.of(file.reopen()).withOptions(PROVIDER, "key-secret=" + secret));
  }

  private static void amend(MemoryNode file, String secret, String... options) throws IOException {
    try (LuksFormat volume = open(file, secret)) {
      volume.amend(new Amendment(read(PROVIDER.amendOptions(), options), false, _ -> {}));
    }
  }

  private static OptionValues read(OptionSchema schema, String... options) throws OptionException {
    Map<String, OptionValue> raw = new LinkedHashMap<>();
    for (String option : options) {
      int equals = option.indexOf('=');
      raw.put(option.substring(0, equals), OptionValue.of(option.substring(equals + 1)));
    }
    return schema.read("luks", raw);
  }
}
