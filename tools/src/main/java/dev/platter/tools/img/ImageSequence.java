package dev.platter.tools.img;

import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.tools.image.OpenImage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Several images put end to end, as one range of bytes. */
final class ImageSequence {
  private final List<OpenImage> images;
  private final long[] starts;
  private final long size;

  ImageSequence(List<OpenImage> images) {
    this.images = List.copyOf(images);
    this.starts = new long[images.size()];
    long end = 0;
    for (int i = 0; i < starts.length; i++) {
      starts[i] = end;
      end = Math.addExact(end, images.get(i).node().size());
    }
    this.size = end;
  }

  /** The sum of the sizes. */
  long size() {
    return size;
  }

  /** The images, in order. */
  List<OpenImage> images() {
    return images;
  }

  /** What the bytes at {@code offset} consist of; of one image only. */
  Extent extent(long offset, long length) throws IOException {
    int index = indexAt(offset);
    BlockNode node = images.get(index).node();
    long within = offset - starts[index];
    Extent extent = node.extent(within, Math.min(length, node.size() - within));
    return extent.at(offset, extent.length());
  }

  /** Takes bytes that lie in one image. */
  @FunctionalInterface
  interface Reader {
    /** Takes {@code length} bytes at {@code within} of an image, at {@code offset} of all. */
    void take(OpenImage image, long within, long offset, long length) throws IOException;
  }

  /** Fills {@code dst}, from as many images as it takes. */
  void read(long offset, MemorySegment dst) throws IOException {
    forEachImage(
        offset,
        dst.byteSize(),
        (image, within, at, length) -> image.node().read(within, dst.asSlice(at - offset, length)));
  }

  /** Goes through a range, image by image. */
  void forEachImage(long offset, long length, Reader reader) throws IOException {
    long done = 0;
    while (done < length) {
      int index = indexAt(offset + done);
      OpenImage image = images.get(index);
      long within = offset + done - starts[index];
      long run = Math.min(length - done, image.node().size() - within);
      reader.take(image, within, offset + done, run);
      done += run;
    }
  }

  private int indexAt(long offset) {
    int index = starts.length - 1;
    while (starts[index] > offset) {
      index--;
    }
    return index;
  }
}
