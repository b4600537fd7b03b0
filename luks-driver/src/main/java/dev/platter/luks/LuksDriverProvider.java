package dev.platter.luks;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.FileRole;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.api.driver.FormatOpening;
import dev.platter.api.driver.ImageCreation;
import dev.platter.api.driver.ImageMeasure;
import dev.platter.api.driver.MeasureRequest;
import dev.platter.api.driver.Secret;
import dev.platter.api.error.ImageFormatException;
import dev.platter.api.error.OptionException;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValues;
import dev.platter.crypto.CryptoException;
import dev.platter.crypto.LuksVolume;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Format driver {@code luks}: a volume in LUKS version 1, as the host's cryptsetup makes them. */
public final class LuksDriverProvider implements FormatDriverProvider {
  private static final int CERTAIN = 100;

  /** Created by {@link java.util.ServiceLoader}. */
  public LuksDriverProvider() {}

  @Override
  public String name() {
    return "luks";
  }

  @Override
  public String description() {
    return "The file is the disk, encrypted, behind a LUKS version 1 header.";
  }

  @Override
  public Set<String> childRoles() {
    return Set.of("file");
  }

  @Override
  public OptionSchema options() {
    return LuksDriverOptions.SCHEMA;
  }

  @Override
  public OptionSchema createOptions() {
    return LuksDriverOptions.CREATE_SCHEMA;
  }

  @Override
  public OptionSchema amendOptions() {
    return LuksDriverOptions.AMEND_SCHEMA;
  }

  /** The header changes only with the key slots; so others may use the disk as a raw one. */
  @Override
  public FileRole fileRole(OptionValues options) {
    return FileRole.DATA;
  }

  @Override
  public int probe(MemorySegment head, String fileName) {
    return LuksVolume.startsWithMagic(head.asByteBuffer()) ? CERTAIN : 0;
  }

  /** {@inheritDoc} A volume that is only looked at stays locked. */
  @Override
  public FormatDriver open(FormatOpening opening) throws IOException {
    if (!opening.movesData()) {
      return open(opening, Optional.empty());
    }
    try (Secret passphrase = passphrase(opening)) {
      return open(opening, Optional.of(passphrase));
    }
  }

  private static FormatDriver open(FormatOpening opening, Optional<Secret> passphrase)
      throws IOException {
    try {
      LuksVolume volume = LuksVolume.read(new FileStorage(opening.file()));
      if (volume.payloadOffset() > opening.file().size()) {
        throw new CryptoException(
            "the file ends at 0x%x, before the encrypted payload at 0x%x"
                .formatted(opening.file().size(), volume.payloadOffset()));
      }
      return new LuksFormat(
          opening,
          volume,
          new VolumeCipher(
              passphrase.isEmpty()
                  ? Optional.empty()
                  : Optional.of(volume.unlock(passphrase.get().bytes()))));
    } catch (CryptoException e) {
      ImageFormatException refusal = new ImageFormatException(opening.imageName(), e.getMessage());
      refusal.initCause(e);
      throw refusal;
    }
  }

  @Override
  public List<OptionProblem> validateCreation(ImageCreation creation) {
    try {
      NewVolume.of(creation.options()).passphrase(creation.secrets()).close();
      return List.of();
    } catch (OptionException e) {
      return e.problems();
    }
  }

  /** {@inheritDoc} The size is rounded up to whole sectors. */
  @Override
  public void create(BlockNode file, ImageCreation creation) throws IOException {
    if (creation.backing().isPresent()) {
      throw new UnsupportedFeatureException("Backing file not supported for file format 'luks'");
    }
    NewVolume.of(creation.options()).write(file, creation.sizeBytes(), creation.secrets());
  }

  /** {@inheritDoc} What was never written counts as well. */
  @Override
  public ImageMeasure measure(MeasureRequest request) throws IOException {
    long diskBytes = request.source().map(BlockNode::size).orElse(request.sizeBytes());
    long bytes = NewVolume.of(request.options()).fileBytes(diskBytes);
    return new ImageMeasure(bytes, bytes, OptionalLong.empty());
  }

  /** The passphrase with which a volume is opened; the caller closes it. */
  static Secret passphrase(FormatOpening opening) throws OptionException {
    String id =
        opening
            .options()
            .given(LuksDriverOptions.KEY_SECRET)
            .orElseThrow(LuksDriverProvider::noSecret);
    return opening.environment().secrets().passphrase(LuksDriverOptions.KEY_SECRET.name(), id);
  }

  /** The refusal where no secret is named. */
  static OptionException noSecret() {
    return new OptionException(
        OptionProblem.of(
            LuksDriverOptions.KEY_SECRET.name(), "Parameter 'key-secret' is required for cipher"));
  }
}
