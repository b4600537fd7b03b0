package dev.platter.raw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BackingReference;
import dev.platter.api.Preallocation;
import dev.platter.api.driver.Allocation;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.ImageCreation;
import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.driver.ResizableFormat;
import dev.platter.api.error.OptionException;
import dev.platter.api.error.ReadOnlyNodeException;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.option.OptionValue;
import dev.platter.api.option.OptionValues;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RawFormatTest {
  private static final RawDriverProvider PROVIDER = new RawDriverProvider();

  @Test
  void guestBytesLieAtTheSameHostOffset() throws IOException {
    FormatDriver raw = open(4096);
    assertThat(raw.size()).isEqualTo(4096);
    assertThat(raw.map(0, 4096)).isEqualTo(new Mapping.Data(0, 4096, true));
    assertThat(raw.map(700, 10)).isEqualTo(new Mapping.Data(700, 10, true));
  }

  @Test
  void offsetMovesEveryByteAndSizeEndsTheDisk() throws IOException {
    FormatDriver raw = open(8192, "offset=1000", "size=2K");
    assertThat(raw.size()).isEqualTo(2048);
    assertThat(raw.map(48, 2000)).isEqualTo(new Mapping.Data(1048, 2000, true));
  }

  /** The sizes that {@code qemu-img info} reports for the same files and options. */
  @ParameterizedTest
  @CsvSource({"0,0,0", "1,0,512", "1000,0,1024", "1024,0,1024", "1000,512,512", "1000,100,1024"})
  void diskHasWholeSectors(long fileBytes, long offset, long sizeBytes) throws IOException {
    assertThat(open(fileBytes, "offset=" + offset).size()).isEqualTo(sizeBytes);
  }

  @Test
  void restOfTheLastSectorReadsAsZeros() throws IOException {
    FormatDriver raw = open(1000);
    assertThat(raw.map(900, 124)).isEqualTo(new Mapping.Data(900, 100, true));
    assertThat(raw.map(1000, 24)).isEqualTo(new Mapping.Zero(24, false, 0));
  }

  @Test
  void writingTheRestOfTheLastSectorMakesTheFileLonger() throws IOException {
    MemoryNode file = new MemoryNode("file", 1000);
    FormatDriver raw = PROVIDER.open(TestOpening.of(file));
    try (Allocation space = raw.allocate(1010, 5)) {
      assertThat(space.guestOffset()).isEqualTo(1010);
      assertThat(space.length()).isEqualTo(5);
      assertThat(space.knownZero()).isTrue();
      file.write(space.hostOffset(), new byte[] {1, 2, 3, 4, 5});
      space.commit();
    }
    assertThat(raw.map(1000, 24)).isEqualTo(new Mapping.Data(1000, 15, true));
    assertThat(raw.map(1015, 9)).isEqualTo(new Mapping.Zero(9, false, 0));
    assertThat(Arrays.copyOfRange(file.bytes(), 998, 1015))
        .containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5);
  }

  @Test
  void readOnlyDiskMapsNothingWritable() throws IOException {
    FormatDriver raw = PROVIDER.open(TestOpening.of(new MemoryNode("file", 1000)).withReadOnly());
    assertThat(raw.map(0, 10)).isEqualTo(new Mapping.Data(0, 10, false));
    assertThatThrownBy(() -> raw.allocate(1000, 24)).isInstanceOf(ReadOnlyNodeException.class);
  }

  @Test
  void releaseZeroesOrDiscardsWithinTheDiskOnly() throws IOException {
    byte[] ones = new byte[1300];
    Arrays.fill(ones, (byte) 1);
    MemoryNode file = MemoryNode.of("file", ones);
    FormatDriver raw =
        PROVIDER.open(TestOpening.of(file).withOptions(PROVIDER, "offset=100", "size=1K"));
    assertThat(raw.release(0, 10, ReleaseMode.ZERO_KEEP)).isTrue();
    assertThat(raw.release(1014, 10, ReleaseMode.ZERO_UNMAP)).isTrue();
    byte[] expected = ones.clone();
    Arrays.fill(expected, 100, 110, (byte) 0);
    Arrays.fill(expected, 1114, 1124, (byte) 0);
    assertThat(file.bytes()).isEqualTo(expected);
    assertThat(raw.release(20, 10, ReleaseMode.DISCARD)).isTrue();
    assertThat(file.discardedBytes()).isEqualTo(10);
    assertThat(raw.release(40, 10, ReleaseMode.TO_BACKING)).isFalse();
  }

  @Test
  void releaseBeyondTheEndOfTheFileLeavesItsSize() throws IOException {
    MemoryNode file = new MemoryNode("file", 1000);
    FormatDriver raw = PROVIDER.open(TestOpening.of(file));
    assertThat(raw.release(900, 124, ReleaseMode.ZERO_UNMAP)).isTrue();
    assertThat(raw.release(1010, 14, ReleaseMode.ZERO_KEEP)).isTrue();
    assertThat(raw.release(1010, 14, ReleaseMode.DISCARD)).isTrue();
    assertThat(file.size()).isEqualTo(1000);
  }

  @Test
  void resizeMovesTheEndOfTheFile() throws IOException {
    MemoryNode file = new MemoryNode("file", 2048);
    FormatDriver raw = PROVIDER.open(TestOpening.of(file).withOptions(PROVIDER, "offset=512"));
    ((ResizableFormat) raw).resize(4000, Preallocation.OFF);
    assertThat(file.size()).isEqualTo(4512);
    assertThat(raw.size()).isEqualTo(4096);
    assertThatThrownBy(() -> ((ResizableFormat) raw).resize(Long.MAX_VALUE, Preallocation.OFF))
        .hasMessage("Disk size too large for the chosen offset");
  }

  @Test
  void diskOfFixedSizeIsNotResized() throws IOException {
    FormatDriver raw = open(4096, "size=2048");
    assertThatThrownBy(() -> ((ResizableFormat) raw).resize(1024, Preallocation.OFF))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessage("Cannot resize fixed-size raw disks");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "offset=2000 | Offset (2000) cannot be greater than size of the containing file (1024)",
        "size=2048 | The sum of offset (0) and size (2048) has to be smaller or equal to the "
            + " actual size of the containing file (1024)",
        "size=100 | Specified size is not multiple of 512",
        "size=8E | Value '8E' is out of range for parameter 'size'",
        "sise=512 | Block format 'raw' does not support the option 'sise'"
      })
  void optionsThatDoNotFitTheFileAreRefused(String option, String message) {
    assertThatThrownBy(() -> open(1000, option))
        .isInstanceOf(OptionException.class)
        .hasMessage(message);
  }

  @Test
  void allThatIsWrongIsSaidAtOnce() {
    assertThatThrownBy(() -> open(1000, "offset=1", "size=2000"))
        .hasMessageContaining("The sum of offset (1) and size (2000)")
        .hasMessageContaining("Specified size is not multiple of 512");
  }

  @Test
  void anyFileMayBeARawDisk() {
    assertThat(PROVIDER.probe(MemorySegment.ofArray(new byte[0]), "disk.img")).isEqualTo(1);
  }

  @Test
  void newImageIsZerosOfWholeSectors() throws IOException {
    MemoryNode file = MemoryNode.of("file", new byte[] {1, 2, 3});
    PROVIDER.create(file, creation(1000, Optional.empty(), "full"));
    assertThat(file.size()).isEqualTo(1024);
    assertThat(file.bytes()).containsOnly(0);
  }

  @Test
  void whatARawImageCannotHaveIsRefusedBeforeAnythingIsWritten() {
    MemoryNode file = MemoryNode.of("file", new byte[] {1, 2, 3});
    BackingReference backing = new BackingReference("base.img", Optional.empty());
    assertThatThrownBy(() -> PROVIDER.create(file, creation(1024, Optional.of(backing), "off")))
        .hasMessage("Backing file not supported for file format 'raw'");
    assertThatThrownBy(() -> PROVIDER.create(file, creation(1024, Optional.empty(), "metadata")))
        .hasMessage("Unsupported preallocation mode: metadata");
    assertThat(file.bytes()).containsExactly(1, 2, 3);
  }

  private static FormatDriver open(long fileBytes, String... options) throws IOException {
    MemoryNode file = new MemoryNode("file", fileBytes);
    return PROVIDER.open(TestOpening.of(file).withOptions(PROVIDER, options));
  }

  private static ImageCreation creation(
      long sizeBytes, Optional<BackingReference> backing, String preallocation)
      throws OptionException {
    OptionValues options =
        PROVIDER
            .createOptions()
            .read("raw", Map.of("preallocation", OptionValue.of(preallocation)));
    return new ImageCreation("disk.img", sizeBytes, backing, options);
  }
}
