package dev.platter.raw;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.BackingReference;
import dev.platter.api.BlockNode;
import dev.platter.api.Preallocation;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** A disk that begins in the middle of a file, at an odd sector. */
class RawOffsetContractTest extends RawFormatContractTest {
  private static final int OFFSET = 21 * 512;

  @Override
  public Map<String, String> openOptions() {
    return Map.of("offset", Integer.toString(OFFSET));
  }

  @Override
  public void create(BlockNode file, long size, Optional<BackingReference> backing)
      throws IOException {
    byte[] before = new byte[OFFSET];
    Arrays.fill(before, (byte) 0x77);
    file.resize(0, Preallocation.OFF);
    file.resize(OFFSET + size, Preallocation.OFF);
    file.write(0, before);
  }

  @Override
  public void checkImage(MemoryNode image, boolean mayLeak) throws IOException {
    byte[] before = new byte[OFFSET];
    image.reopen().read(0, before);
    assertThat(before).as("bytes before the disk").containsOnly(0x77);
  }
}
