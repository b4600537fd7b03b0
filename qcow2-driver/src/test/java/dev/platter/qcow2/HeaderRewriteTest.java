package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.error.BlockIoException;
import dev.platter.tck.crash.PowerCuts;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.RecordingNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderRewriteTest {
  private static final long MIB = 1 << 20;
  private static final long SEED = Long.getLong("platter.seed", 4711L);

  @ParameterizedTest
  @ValueSource(ints = {10, 200, 600, 1000})
  void everyPowerCutLeavesTheOldHeaderOrTheNewOne(int nameBytes) throws Exception {
    MemoryNode before =
        NewImages.createOver("b".repeat(nameBytes), MIB, "compat=0.10", "cluster_size=65536");
    Qcow2Header old = decode(before);
    RecordingNode node = new RecordingNode(before.copy());

    HeaderRewrite.write("image", new ImageFile(node), HeaderLayout.of(old, 3));

    Qcow2Header changed = decode(node);
    assertThat(changed.version()).isEqualTo(3);
    PowerCuts.forEach(
        before,
        node.changes(),
        SEED,
        cut -> {
          Qcow2Header found = decode(cut.image());
          assertThat(found.backing()).as("%s, seed %d", cut, SEED).isEqualTo(old.backing());
          assertThat(found.version()).isIn(2, 3);
        });
  }

  @Test
  void extensionsStandInQemusOrderAndUnknownOnesStay() throws Exception {
    MemoryNode node = NewImages.createOver("base", MIB);
    Qcow2Header old = decode(node);
    HeaderExtension unknown =
        new HeaderExtension.Unknown(0x1234_5678, ByteBuffer.wrap(new byte[] {1, 2, 3}));
    HeaderExtension format = old.extensions().getFirst();

    Qcow2Header written =
        HeaderRewrite.write(
            "image",
            new ImageFile(node),
            HeaderLayout.of(old.withExtensions(List.of(unknown, format)), 3));

    assertThat(written.extensions()).containsExactly(format, HeaderLayout.FEATURE_NAMES, unknown);
    assertThat(written.backing()).isEqualTo(old.backing());
  }

  @Test
  void headersThatDoNotFitLeaveTheOldOne() throws Exception {
    MemoryNode node = NewImages.create(MIB, "cluster_size=512");
    Qcow2Header old = decode(node);

    assertThatThrownBy(
            () ->
                HeaderRewrite.write(
                    "image",
                    new ImageFile(node),
                    old.withBackingFileName(Optional.of("b".repeat(500)))))
        .isInstanceOf(BlockIoException.class)
        .hasMessageContaining("No space left");
    assertThat(decode(node)).isEqualTo(old);
  }

  private static Qcow2Header decode(BlockNode node) throws IOException {
    return HeaderCodec.decode("image", new ImageFile(node));
  }
}
