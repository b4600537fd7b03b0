package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.BackingReference;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderCodecTest {
  private static final int CLUSTER = 65536;
  private static final int EXTENSIONS = 112;

  @Test
  void whatNobodyKnowsIsKept() throws Exception {
    byte[] image = Qcow2CreatorTest.create("1M", null, "base.raw").bytes();
    ByteBuffer first = ByteBuffer.wrap(image, 0, CLUSTER);
    ByteBuffer old = ByteBuffer.allocate(CLUSTER).put(first.duplicate()).flip();
    first.put(EXTENSIONS, new byte[1024]);
    first.putInt(100, 136).put(105, (byte) 5).put(120, (byte) 77);
    first.putInt(136, 0x12345678).putInt(140, 5).put(144, new byte[] {1, 2, 3, 4, 5});
    int nameOffset = 136 + 8 + 8 + 8;
    first.putLong(8, nameOffset).put(nameOffset, old, (int) old.getLong(8), 8);

    ByteBuffer encoded = HeaderCodec.encode("image", decode(image));

    assertThat(encoded).isEqualTo(ByteBuffer.wrap(image, 0, CLUSTER));
  }

  @ParameterizedTest
  @CsvSource({"compat=0.10", "compat=1.1", "cluster_size=512", "lazy_refcounts=on"})
  void encodingUndoesDecoding(String options) throws Exception {
    byte[] image = Qcow2CreatorTest.create("1M", options, "base.raw").bytes();
    Qcow2Header header = decode(image);

    ByteBuffer encoded = HeaderCodec.encode("image", header);

    assertThat(encoded).isEqualTo(ByteBuffer.wrap(image, 0, 1 << header.clusterBits()));
    assertThat(header.backing()).contains(new BackingReference("base.raw", Optional.of("raw")));
  }

  @Test
  void changedFieldsLieInOneSectorAndLeaveTheRest() throws Exception {
    byte[] image = Qcow2CreatorTest.create("1M", null, "base.raw").bytes();
    Qcow2Header changed =
        decode(image)
            .withSize(1 << 19)
            .withL1Table(new TableLocation(5 * CLUSTER, 3))
            .withFeatures(new FeatureBits(FeatureBits.DIRTY, 1, 1L << 60));

    ByteBuffer fields = HeaderCodec.encodeFields(changed);

    assertThat(fields.remaining()).isLessThanOrEqualTo(512);
    fields.get(image, 0, fields.remaining());
    assertThat(decode(image)).isEqualTo(changed);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6})
  void refcountsOfAnyWidthKeepApart(int order) {
    RefcountWidth width = new RefcountWidth(order);
    int count = (64 * 8) >> order;
    ByteBuffer block = ByteBuffer.allocate(64);
    long greatest = new ClusterGeometry(9, order, false).maximumRefcount();
    for (int i = 0; i < count; i += 2) {
      width.set(block, i, greatest);
    }
    for (int i = 0; i < count; i++) {
      assertThat(width.get(block, i)).isEqualTo(i % 2 == 0 ? greatest : 0);
    }
    width.set(block, 0, 0);
    assertThat(width.get(block, 0)).isZero();
    assertThat(width.get(block, 2)).isEqualTo(greatest);
  }

  @Test
  void firstOfSeveralRefcountsLiesInTheLeastSignificantBits() {
    ByteBuffer block = ByteBuffer.allocate(64);
    new RefcountWidth(1).set(block, 1, 3);
    assertThat(block.get(0)).isEqualTo((byte) 0b1100);
  }

  private static Qcow2Header decode(byte[] image) throws IOException {
    return HeaderCodec.decode("image", new ImageFile(MemoryNode.of("image", image)));
  }
}
