package dev.platter.tck.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.BackingReference;
import dev.platter.api.BlockNode;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.error.BlockException;
import dev.platter.tck.Capability;
import dev.platter.tck.DiskModel;
import dev.platter.tck.Seeds;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.Operation;
import dev.platter.tck.fake.RecordingNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What an image and its driver owe to the file below: only what must be written is. */
public interface ImageContract extends FormatFixture {

  /** A size that an image must be able to have although nobody stores that much. */
  default long hugeBytes() {
    return 1L << 36;
  }

  @Test
  default void readOnlyDriverWritesNothing() throws IOException {
    byte[] content = Seeds.bytes(new SplittableRandom(15), diskBytes());
    RecordingNode[] log = new RecordingNode[1];
    FormatImage image =
        new FormatImage(this, image(content)).wrapped(file -> log[0] = new RecordingNode(file));
    try (BlockNode node = image.open(true)) {
      new DiskModel(content).assertEquals(node);
      node.flush();
    }
    assertThat(log[0].changes())
        .filteredOn(operation -> !(operation instanceof Operation.Flush))
        .isEmpty();
  }

  @Test
  default void driverLeavesItsFileOpen() throws IOException {
    MemoryNode file = image(new byte[diskBytes()]).reopen();
    FormatDriver driver = provider().open(opening(file));
    driver.close();
    driver.close();
    file.read(0, new byte[1]);
  }

  @Test
  default void driverThatCannotOpenLeavesItsFileOpen() throws IOException {
    byte[] ones = new byte[100_000];
    Arrays.fill(ones, (byte) 0xff);
    MemoryNode file = MemoryNode.of("ones", ones);
    try (FormatDriver driver = provider().open(writableOpening(file))) {
      assertThat(capabilities()).doesNotContain(Capability.PROBE);
      assertThat(driver.size()).isNotNegative();
    } catch (BlockException e) {
      assertThat(e.getMessage()).contains("ones");
    }
    file.read(0, new byte[1]);
    assertThat(file.bytes()).isEqualTo(ones);
  }

  @Test
  default void flushReachesTheFileAfterEveryWrite() throws IOException {
    needs(Capability.WRITE);
    RecordingNode[] log = new RecordingNode[1];
    FormatImage image =
        new FormatImage(this, image(diskBytes(), Optional.empty()))
            .wrapped(file -> log[0] = new RecordingNode(file));
    try (BlockNode node = image.open()) {
      for (int round = 0; round < 3; round++) {
        node.write(round * 100_000L, new byte[] {1});
        node.flush();
        assertThat(log[0].changes().getLast()).isInstanceOf(Operation.Flush.class);
      }
    }
  }

  @Test
  default void flushedBytesAreInTheFileBeforeItIsClosed() throws IOException {
    needs(Capability.WRITE);
    MemoryNode file = image(diskBytes(), Optional.empty());
    DiskModel model = new DiskModel(diskBytes());
    byte[] bytes = Seeds.bytes(new SplittableRandom(16), 150_000);
    MemoryNode powerCut;
    try (BlockNode node = new FormatImage(this, file).open()) {
      node.write(12_345, bytes);
      model.write(12_345, bytes);
      node.flush();
      powerCut = file.copy();
    }
    try (BlockNode node = new FormatImage(this, powerCut).open()) {
      model.assertEquals(node);
      node.write(0, bytes);
      model.write(0, bytes);
      model.assertEquals(node);
    }
    checkImage(powerCut, true);
  }

  @Test
  default void imagesOfEverySizeReadAsZerosAndKeepTheirLastSector() throws IOException {
    needs(Capability.WRITE);
    int unit = unitBytes();
    for (int size : new int[] {0, 512, 1024, unit - 512, unit, unit + 512, 5 * unit}) {
      FormatImage image = new FormatImage(this, image(size, Optional.empty()));
      DiskModel model = new DiskModel(size);
      try (BlockNode node = image.open()) {
        model.assertEquals(node);
        if (size > 0) {
          node.write(size - 512, new byte[] {1, 2, 3});
          model.write(size - 512, new byte[] {1, 2, 3});
        }
      }
      try (BlockNode node = image.open(true)) {
        model.assertEquals(node);
      }
      image.check();
    }
  }

  @Test
  default void hugeImageKeepsItsLastSector() throws IOException {
    needs(Capability.WRITE);
    FormatImage image = new FormatImage(this, image(hugeBytes(), Optional.empty()));
    try (BlockNode node = image.open()) {
      node.write(hugeBytes() - 4, new byte[] {1, 2, 3, 4});
    }
    try (BlockNode node = image.open(true)) {
      byte[] end = new byte[8];
      node.read(hugeBytes() - 8, end);
      assertThat(end).containsExactly(0, 0, 0, 0, 1, 2, 3, 4);
    }
    image.check();
  }

  @Test
  default void createdImageKeepsNothingOfWhatTheFileHeld() throws IOException {
    needs(Capability.WRITE);
    byte[] old = new byte[3 << 20];
    Arrays.fill(old, (byte) 0x5a); // means something in no format, as all ones may
    MemoryNode file = MemoryNode.of("image", old);
    create(file, diskBytes(), Optional.empty());
    FormatImage image = new FormatImage(this, file);
    try (BlockNode node = image.open(true)) {
      new DiskModel(diskBytes()).assertEquals(node);
    }
    image.check();
  }

  @Test
  default void headerKeepsTheNameOfTheBackingFile() throws IOException {
    needs(Capability.BACKING);
    BackingReference backing = new BackingReference("dir/b\u00e4se, 1.img", Optional.of("raw"));
    MemoryNode file = image(diskBytes(), Optional.of(backing));
    try (FormatDriver driver = provider().open(opening(file))) {
      assertThat(driver.backing()).contains(backing);
    }
  }
}
