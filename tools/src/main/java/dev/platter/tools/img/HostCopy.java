package dev.platter.tools.img;

import dev.platter.graph.CopyOffload;
import dev.platter.graph.FormatNode;
import dev.platter.tools.image.OpenImage;
import java.io.IOException;
import java.util.Optional;

/**
 * The way past memory: parts that the host copies itself ({@code -C}). Once it has not been able
 * to, for whatever reason, it is not asked again. Threads: any number.
 */
final class HostCopy {
  private final ImageSequence source;
  private final Optional<FormatNode> target;
  private volatile boolean wanted;

  HostCopy(ImageSequence source, ConvertTarget target, boolean wanted) {
    this.source = source;
    this.target = target.image().format();
    this.wanted = wanted && this.target.isPresent();
  }

  /** Whether it is worth while to try it for a part. */
  boolean takes(CopyPart part) {
    return wanted && part.kind() == CopyPart.Kind.DATA;
  }

  /** Copies a part; false if it is still to be copied. */
  boolean copied(CopyPart part) {
    if (!takes(part)) {
      return false;
    }
    try {
      source.forEachImage(part.offset(), part.length(), this::copy);
      return true;
    } catch (IOException e) {
      wanted = false;
      return false; // what is wrong beside that shows when the part is read and written
    }
  }

  private void copy(OpenImage image, long within, long offset, long length) throws IOException {
    FormatNode node = image.format().orElseThrow(() -> new IOException("no image"));
    CopyOffload.copy(node, within, target.orElseThrow(), offset, length);
  }
}
