package dev.platter.graph;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.api.driver.FormatOpening;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.ImageFormatException;
import dev.platter.api.option.OptionSchema;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Images in formats that QEMU knows and that no driver here takes. */
class ForeignFormatsTest {
  private static final String NO_SPACE = "\2\0\0\0";

  static Stream<Arguments> heads() {
    return Stream.of(
        Arguments.of("vmdk", "KDMV\1\0\0\0"),
        Arguments.of("vmdk", "COWD"),
        Arguments.of("vmdk", "# Disk DescriptorFile\nversion=1\nCID=1\n"),
        Arguments.of("vmdk", "# Disk\r\n \r\n#\nversion=3\r\n"),
        Arguments.of("vdi", "x".repeat(64) + "\u007f\u0010\u00da\u00be"),
        Arguments.of("vhdx", "vhdxfile"),
        Arguments.of("vpc", "conectix\0\0\0\2"),
        Arguments.of("qed", "QED\0"),
        Arguments.of("qcow", "QFI\u00fb\0\0\0\1"),
        Arguments.of("parallels", "WithoutFreeSpace" + NO_SPACE),
        Arguments.of("parallels", "WithouFreSpacExt" + NO_SPACE),
        Arguments.of("bochs", bochs(1)),
        Arguments.of("bochs", bochs(2)),
        Arguments.of(
            "cloop",
            "#!/bin/sh\n#V2.0 Format\nmodprobe cloop file=$0 && mount -r -t iso9660 /dev/cloop"
                + " $1\n"));
  }

  @ParameterizedTest
  @MethodSource("heads")
  void imageWithoutADriverIsRefusedByNameUnlessItIsToBeRaw(String format, String head)
      throws IOException {
    try (TestGraph test = new TestGraph()) {
      test.files.put("/disk", Arrays.copyOf(head.getBytes(ISO_8859_1), 1024));

      assertThatThrownBy(() -> test.open(TestGraph.probed("/disk")))
          .isInstanceOf(ImageFormatException.class)
          .hasMessageEndingWith(
              "Image is in format '%s', for which there is no driver here".formatted(format));
      assertThat(test.open(TestGraph.raw("/disk")).driverName()).isEqualTo("raw");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "version=4\n",
        "\nversion=1\n",
        " KDMV",
        "WithoutFreeSpace\1\0\0\0",
        "QFI\u00fb\0\0\0\0",
        "QED"
      })
  void otherBytesAreARawDiskAsToQemu(String head) {
    assertThat(find(head)).isEmpty();
  }

  @Test
  void aDescriptionBehindManyRemarksIsNotLookedFor() {
    assertThat(find("# remark\n".repeat(40) + "version=1\n")).contains("vmdk");
    assertThat(find("# remark\n".repeat(60) + "version=1\n")).isEmpty();
  }

  @Test
  void anAppleDiskImageIsKnownByItsNameUnlessItIsEmpty() {
    MemorySegment zeros = MemorySegment.ofArray(new byte[512]);

    assertThat(ForeignFormats.find(zeros, "a.dmg")).contains("dmg");
    assertThat(ForeignFormats.find(zeros, ".dmg")).isEmpty();
    assertThat(ForeignFormats.find(zeros.asSlice(0, 0), "a.dmg")).isEmpty();
  }

  @Test
  void aDriverOfThatNameDecidesAboutItsFormat() throws IOException {
    MemorySegment head = MemorySegment.ofArray("KDMV".getBytes(ISO_8859_1));
    FormatDriverProvider sure = new Vmdk(100);

    assertThat(probe(head, new Vmdk(0)).name()).isEqualTo("raw");
    assertThat(probe(head, sure)).isSameAs(sure);
  }

  @Test
  void aGuestCannotGiveAProbedDiskSuchAHead() throws IOException {
    try (TestGraph test = new TestGraph()) {
      test.files.put("/disk", new byte[1024]);
      FormatNode disk = test.open(TestGraph.probed("/disk"));

      assertThatThrownBy(() -> disk.write(0, "conectix".getBytes(ISO_8859_1)))
          .isInstanceOf(BlockIoException.class)
          .hasMessageContaining("look like format 'vpc'");
    }
  }

  private static Optional<String> find(String head) {
    return ForeignFormats.find(MemorySegment.ofArray(head.getBytes(ISO_8859_1)), "/disk");
  }

  private static FormatDriverProvider probe(MemorySegment head, FormatDriverProvider vmdk)
      throws IOException {
    return new Prober(DriverRegistry.of(new FlatProvider(), vmdk)).probe(head, "/disk");
  }

  private static String bochs(int version) {
    return "Bochs Virtual HD Image\0".concat("x".repeat(9))
        + "Redolog\0".repeat(2)
        + "Growing\0".repeat(2)
        + "\0\0"
        + (char) version
        + "\0";
  }

  /** Somebody's driver, which finds its format as sure as that. */
  private record Vmdk(int score) implements FormatDriverProvider {
    @Override
    public String name() {
      return "vmdk";
    }

    @Override
    public String description() {
      return "images of somebody's machine";
    }

    @Override
    public OptionSchema options() {
      return OptionSchema.empty();
    }

    @Override
    public OptionSchema createOptions() {
      return OptionSchema.empty();
    }

    @Override
    public int probe(MemorySegment head, String fileName) {
      return score;
    }

    @Override
    public FormatDriver open(FormatOpening opening) throws IOException {
      throw new ImageFormatException(opening.imageName(), "Image is not in vmdk format");
    }
  }
}
