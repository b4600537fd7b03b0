package dev.platter.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ExtentTest {
  private static final Extent DATA = Extent.data(0, 512, 4096, "a.img");

  @Test
  void dataContinuesWhereGuestAndHostDo() {
    assertThat(DATA.continuedBy(Extent.data(512, 100, 4608, "a.img"))).isTrue();
    assertThat(DATA.continuedBy(Extent.data(513, 100, 4608, "a.img"))).isFalse();
    assertThat(DATA.continuedBy(Extent.data(512, 100, 4609, "a.img"))).isFalse();
    assertThat(DATA.continuedBy(Extent.data(512, 100, 4608, "b.img"))).isFalse();
    assertThat(DATA.continuedBy(Extent.data(512, 100, 4608, "a.img").atDepth(1))).isFalse();
    assertThat(DATA.continuedBy(Extent.zero(512, 100))).isFalse();
  }

  @Test
  void zerosAndNothingContinueThemselvesOnly() {
    assertThat(Extent.zero(0, 512).continuedBy(Extent.zero(512, 1))).isTrue();
    assertThat(Extent.absent(0, 512).continuedBy(Extent.absent(512, 1))).isTrue();
    assertThat(Extent.zero(0, 512).continuedBy(Extent.absent(512, 1))).isFalse();
  }

  @Test
  void compressedBytesContinueWithoutAPlaceOnTheHost() {
    Extent compressed = new Extent(0, 512, true, false, true, true, 0, OptionalLong.empty(), "");
    assertThat(compressed.continuedBy(compressed.at(512, 5))).isTrue();
    assertThat(DATA.continuedBy(compressed.at(512, 5))).isFalse();
  }

  @Test
  void factoriesSayWhatIsThere() {
    assertThat(DATA.present() && DATA.data() && !DATA.zero()).isTrue();
    assertThat(DATA.hostOffset()).hasValue(4096);
    assertThat(Extent.zero(1, 2).present()).isTrue();
    assertThat(Extent.zero(1, 2).zero()).isTrue();
    assertThat(Extent.absent(1, 2).present()).isFalse();
    assertThat(Extent.absent(1, 2).zero()).as("reads as zeros").isTrue();
    assertThat(DATA.atDepth(3).depth()).isEqualTo(3);
    assertThat(DATA.at(7, 8)).isEqualTo(Extent.data(7, 8, 4096, "a.img"));
  }
}
