package dev.platter.toy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BackingReference;
import dev.platter.api.Preallocation;
import dev.platter.api.driver.ImageCreation;
import dev.platter.api.error.CorruptImageException;
import dev.platter.api.error.ImageFormatException;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionValues;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ToyHeaderTest {
  private final ToyDriverProvider provider = new ToyDriverProvider();
  private final MemoryNode file = new MemoryNode("image");

  @BeforeEach
  void createImage() throws IOException {
    provider.create(file, creation(1 << 20, "base.toy"));
  }

  @Test
  void headerReadsBackAsItWasWritten() throws IOException {
    ToyHeader header = ToyHeader.read(file, "image");
    assertThat(header)
        .isEqualTo(
            new ToyHeader(
                16, 1 << 20, Optional.of(new BackingReference("base.toy", Optional.of("toy")))));
    assertThat(header.entryCount()).isEqualTo(16);
    assertThat(header.dataOffset()).isEqualTo(65536);
  }

  @ParameterizedTest
  @CsvSource({
    "0,  0x00000000, Image is not in toy format",
    "8,  0x00000002, Unsupported toy version 2",
    "8,  0xffffffff, Unsupported toy version 4294967295",
    "12, 0x00000008, Unsupported cluster size: 2^8",
    "12, 0x80000000, Unsupported cluster size: 2^2147483648",
    "16, 0x80000000, Image is too big: 9223372036855824384 bytes",
    "16, 0x00000040, Image is too big: 274878955520 bytes",
    "20, 0xf0000000, table ends at 0x40000 beyond the end of the file",
    "24, 0x02000000, Backing file name too long",
    "28, 0x00414243, Backing file name is not text",
    "28, 0xff414243, Backing file name is not text"
  })
  void unacceptableFieldIsRefused(int offset, String number, String message) throws IOException {
    file.write(offset, ByteBuffer.allocate(4).putInt(Long.decode(number).intValue()).flip());
    if (message.startsWith("table")) {
      file.resize(1024, Preallocation.OFF);
    }
    assertThatThrownBy(() -> provider.open(TestOpening.of(file)))
        .isInstanceOf(ImageFormatException.class)
        .hasMessageContaining("image: " + message);
  }

  @ParameterizedTest
  @CsvSource({
    "0x00000009, 'table entry 3 points at 0x90000, outside the clusters'",
    "0xfffffffe, 'table entry 3 points at 0xfffffffe0000, outside the clusters'",
    "0x00000001, 'table entry 3 points at 0x10000, which is in use'"
  })
  void tableThatContradictsItselfIsRefused(String entry, String message) throws IOException {
    file.write(512, ByteBuffer.allocate(4).putInt(1).flip());
    file.write(512 + 3 * 4, ByteBuffer.allocate(4).putInt(Long.decode(entry).intValue()).flip());
    file.write(0x10000, new byte[0x10000]);
    assertThatThrownBy(() -> provider.open(TestOpening.of(file)))
        .isInstanceOf(CorruptImageException.class)
        .hasMessageContaining(message);
  }

  @Test
  void creationIsRefusedBeforeAnythingIsWritten() {
    MemoryNode untouched = MemoryNode.of("other", new byte[] {1, 2, 3});
    OptionValues odd = OptionValues.empty().with(ToyDriverProvider.CLUSTER_SIZE, 3000L);
    assertThatThrownBy(
            () -> provider.create(untouched, new ImageCreation("x", 512, Optional.empty(), odd)))
        .isInstanceOf(OptionException.class)
        .hasMessage("Cluster size must be a power of two");
    assertThatThrownBy(() -> provider.create(untouched, creation(1L << 60, "base")))
        .isInstanceOf(OptionException.class)
        .hasMessage("Image size is out of range");
    assertThatThrownBy(() -> provider.create(untouched, creation(512, "b".repeat(500))))
        .isInstanceOf(ImageFormatException.class);
    assertThat(untouched.bytes()).containsExactly(1, 2, 3);
  }

  private static ImageCreation creation(long size, String backing) {
    return new ImageCreation(
        "image",
        size,
        Optional.of(new BackingReference(backing, Optional.of("toy"))),
        OptionValues.empty());
  }
}
