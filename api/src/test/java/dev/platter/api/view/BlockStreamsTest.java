package dev.platter.api.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.Child;
import dev.platter.api.error.OutOfRangeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.junit.jupiter.api.Test;

class BlockStreamsTest {
  private final ArrayNode node = new ArrayNode((byte) 1, (byte) 2, (byte) 0xff, (byte) 4);

  @Test
  void inputIsAllBytesOfTheNode() throws IOException {
    try (InputStream in = new BlockInputStream(Child.owned(node))) {
      assertThat(in.available()).isEqualTo(4);
      assertThat(in.readAllBytes()).isEqualTo(node.bytes);
      assertThat(in.read()).isEqualTo(-1);
      assertThat(in.read(new byte[2])).isEqualTo(-1);
      assertThat(in.read(new byte[0])).isZero();
    }
    assertThat(node.closeCount).isEqualTo(1);
  }

  @Test
  void inputBeginsAtAnOffset() throws IOException {
    InputStream in = new BlockInputStream(Child.borrowed(node), 2);
    assertThat(in.read()).isEqualTo(0xff);
    assertThat(in.skip(9)).isEqualTo(1);
    assertThat(in.skip(-1)).isZero();
    assertThat(in.read()).isEqualTo(-1);
    in.reset();
    assertThat(in.read()).isEqualTo(0xff);
    assertThat(new BlockInputStream(Child.borrowed(node), 99).read()).isEqualTo(-1);
    in.close();
    assertThat(node.closeCount).isZero();
  }

  @Test
  void resetGoesBackToTheMark() throws IOException {
    InputStream in = new BlockInputStream(Child.borrowed(node));
    assertThat(in.markSupported()).isTrue();
    in.skipNBytes(1);
    in.mark(0);
    assertThat(in.readNBytes(3)).hasSize(3);
    in.reset();
    assertThat(in.read()).isEqualTo(2);
  }

  @Test
  void outputFillsTheNode() throws IOException {
    try (OutputStream out = new BlockOutputStream(Child.owned(node))) {
      new ByteArrayInputStream(new byte[] {9, 8, 7}).transferTo(out);
      out.write(0x106);
      out.write(new byte[0]);
      out.flush();
    }
    assertThat(node.bytes).containsExactly(9, 8, 7, 6);
    assertThat(node.flushCount).isEqualTo(1);
    assertThat(node.closeCount).isEqualTo(1);
  }

  @Test
  void outputBeyondTheEndIsRefused() throws IOException {
    OutputStream out = new BlockOutputStream(Child.borrowed(node), 3);
    out.write(5);
    assertThatThrownBy(() -> out.write(6)).isInstanceOf(OutOfRangeException.class);
    assertThat(node.bytes).containsExactly(1, 2, 0xff, 5);
  }

  @Test
  void negativeOffsetsAreRefused() {
    assertThatThrownBy(() -> new BlockInputStream(Child.borrowed(node), -1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new BlockOutputStream(Child.borrowed(node), -1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
