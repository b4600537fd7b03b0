package dev.platter.api.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.error.OutOfRangeException;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SectorViewTest {
  private final ArrayNode node = new ArrayNode(new byte[3 * SectorView.SECTOR_BYTES + 100]);
  private final SectorView sectors = new SectorView(node);

  @Test
  void incompleteLastSectorDoesNotCount() {
    assertThat(sectors.sectorCount()).isEqualTo(3);
  }

  @Test
  void sectorsAreReadAndWrittenWhole() throws IOException {
    byte[] memory = new byte[1100];
    Arrays.fill(memory, (byte) 7);
    sectors.write(1, 2, memory, 30);
    assertThat(Arrays.copyOfRange(node.bytes, 512, 1536)).containsOnly(7);
    assertThat(Arrays.copyOfRange(node.bytes, 0, 512)).containsOnly(0);
    assertThat(Arrays.copyOfRange(node.bytes, 1536, 1636)).containsOnly(0);
    byte[] back = new byte[514];
    sectors.read(2, 1, back, 1);
    assertThat(back[0]).isZero();
    assertThat(back[513]).isZero();
    assertThat(Arrays.copyOfRange(back, 1, 513)).containsOnly(7);
    sectors.flush();
    assertThat(node.flushCount).isEqualTo(1);
  }

  @Test
  void noSectorsCanBeReadAtTheEnd() throws IOException {
    sectors.read(3, 0, new byte[0], 0);
  }

  @ParameterizedTest
  @CsvSource({"-1,1", "3,1", "2,2", "0,-1", "9223372036854775807,1", "36028797018963968,1"})
  void sectorsThatAreNotThereAreRefused(long sectorIndex, int count) {
    assertThatThrownBy(() -> sectors.read(sectorIndex, count, new byte[2048], 0))
        .isInstanceOf(OutOfRangeException.class);
    assertThatThrownBy(() -> sectors.write(sectorIndex, count, new byte[2048], 0))
        .isInstanceOf(OutOfRangeException.class);
  }

  @Test
  void arrayMustHaveRoom() {
    assertThatThrownBy(() -> sectors.read(0, 2, new byte[1024], 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> sectors.read(0, 1, new byte[1024], -1))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
