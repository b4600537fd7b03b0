package dev.platter.harness.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.harness.memory.GuestMemory.Region;
import dev.platter.tck.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Two adjacent regions [0, 0x10000), [0x10000, 0x20000), and nothing behind them. */
class RecentSlicesTest {
  private final MemorySegment low = Arena.ofAuto().allocate(0x10000, 16);
  private final MemorySegment high = Arena.ofAuto().allocate(0x10000, 16);
  private final GuestMemory memory = GuestMemory.of(new Region(0, low), new Region(0x10000, high));
  private final RecentSlices recent = new RecentSlices(memory, 16);

  private List<MemorySegment> slices(long address, long length) throws GuestMemoryException {
    List<MemorySegment> into = new ArrayList<>();
    recent.slices(address, length, into);
    return into;
  }

  @Test
  void rangeAskedForAgainIsTheSameObject() throws Exception {
    MemorySegment first = slices(0x3000, 512).getFirst();
    assertThat(slices(0x3000, 512)).containsExactly(first).first().isSameAs(first);
  }

  @Test
  void rangeOfAnotherLengthIsAnother() throws Exception {
    assertThat(slices(0x3000, 512).getFirst().byteSize()).isEqualTo(512);
    assertThat(slices(0x3000, 1024).getFirst().byteSize()).isEqualTo(1024);
    assertThat(slices(0x3000, 512).getFirst().byteSize()).isEqualTo(512);
  }

  @Test
  void rangeAcrossRegionsIsInPieces() throws Exception {
    for (int i = 0; i < 2; i++) {
      assertThat(slices(0xff00, 0x200))
          .containsExactly(low.asSlice(0xff00, 0x100), high.asSlice(0, 0x100));
    }
  }

  @Test
  void rangeThatIsNotMemoryIsRefusedEachTime() {
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> slices(0x1ff00, 0x200)).isInstanceOf(GuestMemoryException.class);
    }
  }

  @Test
  void answersAreThoseOfGuestMemory() {
    Seeds.run(
        random -> {
          for (int i = 0; i < 10_000; i++) {
            long address = random.nextLong(64) * 0x800;
            long length = Math.min(random.nextLong(3) * 0x400, 0x20000 - address);
            List<MemorySegment> expected = new ArrayList<>();
            memory.slices(address, length, expected);
            assertThat(slices(address, length)).isEqualTo(expected);
          }
        });
  }
}
