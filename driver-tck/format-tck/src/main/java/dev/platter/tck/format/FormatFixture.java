package dev.platter.tck.format;

import dev.platter.api.BackingReference;
import dev.platter.api.BlockNode;
import dev.platter.api.driver.CheckableFormat;
import dev.platter.api.driver.EncryptedFormat;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.api.driver.FormatOpening;
import dev.platter.api.driver.ImageCreation;
import dev.platter.api.option.OptionValue;
import dev.platter.tck.Capability;
import dev.platter.tck.Medium;
import dev.platter.tck.NodeFixture;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.NamedSecrets;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.Assertions;

/** What the tests of a format ask of the class that inherits them. */
public interface FormatFixture extends NodeFixture {

  /** Bytes in a sector. */
  int SECTOR_BYTES = 512;

  /** The driver under test. */
  FormatDriverProvider provider();

  /** Options of {@code create}, by key, as an option string writes them. */
  default Map<String, String> createOptions() {
    return Map.of();
  }

  /** Options with which images are opened, by key, as an option string writes them. */
  default Map<String, String> openOptions() {
    return Map.of();
  }

  /**
   * The role of an external data file, if the images of crash and fault scenarios have one; they
   * take no overlays then.
   */
  default Optional<String> dataFileRole() {
    return Optional.empty();
  }

  /** Images that some other program wrote, compressed ones for instance. */
  default List<Sample> samples() throws IOException {
    return List.of();
  }

  /**
   * Checks an image that no driver has open. By default the driver checks it, if it is a {@link
   * CheckableFormat}; a class with a second oracle overrides this and calls it too.
   *
   * @param image the image's file
   * @param mayLeak whether space that nobody uses is in order: after a fault it is
   */
  default void checkImage(MemoryNode image, boolean mayLeak) throws IOException {
    try (FormatDriver driver = provider().open(opening(image.reopen()))) {
      if (driver instanceof CheckableFormat checkable) {
        List<String> findings = new ArrayList<>();
        CheckableFormat.CheckReport report =
            checkable.check(CheckableFormat.Repair.NONE, findings::add);
        Assertions.assertThat(report.corruptions() + report.checkErrors())
            .as("corruptions: %s", findings)
            .isZero();
        if (!mayLeak) {
          Assertions.assertThat(report.leaks()).as("leaks: %s", findings).isZero();
        }
      }
    }
  }

  /**
   * The unit of allocation of the images, in bytes: at least a sector; 4 KiB for a format without
   * one.
   */
  default int unitBytes() throws IOException {
    MemoryNode image = image(diskBytes(), Optional.empty());
    try (FormatDriver driver = provider().open(opening(image))) {
      long unit = driver.allocationUnitBytes();
      return unit < SECTOR_BYTES ? 4096 : Math.toIntExact(unit);
    }
  }

  /** Creates an empty image in memory, with {@link #createOptions()}. */
  default MemoryNode image(long size, Optional<BackingReference> backing) throws IOException {
    MemoryNode file = new MemoryNode("image");
    create(file, size, backing);
    return file;
  }

  /** Creates an image in memory that holds these bytes. */
  default MemoryNode image(byte[] content) throws IOException {
    MemoryNode file = image(content.length, Optional.empty());
    try (BlockNode node = new FormatImage(this, file).open()) {
      node.write(0, content);
    }
    return file;
  }

  /** Creates an image over whatever {@code file} holds, with {@link #createOptions()}. */
  default void create(BlockNode file, long size, Optional<BackingReference> backing)
      throws IOException {
    create(file, Map.of(), size, backing);
  }

  /**
   * {@link #create(BlockNode, long, Optional)} with other files that belong to the image.
   *
   * @param children those files, by role
   */
  default void create(
      BlockNode file,
      Map<String, BlockNode> children,
      long size,
      Optional<BackingReference> backing)
      throws IOException {
    Map<String, OptionValue> raw = new LinkedHashMap<>();
    createOptions().forEach((key, value) -> raw.put(key, OptionValue.of(value)));
    String owner = "Block format '" + provider().name() + "'";
    provider()
        .create(
            file,
            children,
            new ImageCreation(
                file.name(),
                size,
                backing,
                provider().createOptions().read(owner, raw),
                NamedSecrets.INSTANCE));
  }

  /** How the driver alone opens an image to read it, with {@link #openOptions()}. */
  default FormatOpening opening(MemoryNode image) throws IOException {
    return writableOpening(image).withReadOnly();
  }

  /** How the driver alone opens an image to write it, with {@link #openOptions()}. */
  default TestOpening writableOpening(BlockNode image) throws IOException {
    String[] options =
        openOptions().entrySet().stream()
            .map(option -> option.getKey() + "=" + option.getValue())
            .toArray(String[]::new);
    return TestOpening.of(image).withOptions(provider(), options);
  }

  /** Whether images made with {@link #createOptions()} hold their guest bytes encrypted. */
  default boolean encrypts() throws IOException {
    try (FormatDriver driver = provider().open(opening(image(0, Optional.empty())))) {
      return driver instanceof EncryptedFormat format && format.dataCipher().isPresent();
    }
  }

  @Override
  default Medium medium(long size) throws IOException {
    return capabilities().contains(Capability.WRITE)
        ? new FormatImage(this, image(size, Optional.empty()))
        : medium(new byte[Math.toIntExact(size)]);
  }

  @Override
  default Medium medium(byte[] content) throws IOException {
    return new FormatImage(this, image(content));
  }

  /**
   * An image and what it holds.
   *
   * @param name what it is, for messages
   * @param image the image's file
   * @param content the bytes that its disk has
   */
  record Sample(String name, MemoryNode image, MemoryNode content) {}
}
