package dev.platter.qcow2;

import dev.platter.api.error.BlockIoException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts another header into the first cluster of an image that nobody uses meanwhile: fields,
 * extensions and the backing file's name, which together may be longer than what a disk writes at
 * once.
 *
 * <ul>
 *   <li>I1. (R7) Old and new headers change places in one write of the first sector. Behind it,
 *       only bytes are written that the header of that moment does not reach: behind its end, or
 *       within an extension that nobody knows and that is there for this.
 *   <li>I2. What a header reaches is durable before the sector that reaches it.
 * </ul>
 *
 * Where both headers are longer than a sector, the new one is first put behind the old one, with an
 * extension in front of it that covers the gap; then, within that gap, to its own place. Clusters
 * that have no room for both are written at once.
 */
final class HeaderRewrite {
  private static final int SECTOR_BYTES = 512;
  private static final int FRAME_BYTES = 8;

  /** The extension that covers a gap; there only between two writes of the first sector. */
  private static final int PADDING = 0x7061_6464;

  private final String imageName;
  private final ImageFile file;
  private final Qcow2Header header;
  private final ByteBuffer target;

  private HeaderRewrite(String imageName, ImageFile file, Qcow2Header header)
      throws BlockIoException {
    this.imageName = imageName;
    this.file = file;
    this.header = header;
    this.target = HeaderCodec.encode(imageName, header);
  }

  /**
   * Writes a header, durably.
   *
   * @param header what the image is to have; the place of the backing file's name follows from it
   * @return the header as the image has it now
   * @throws BlockIoException with ENOSPC if it does not fit into a cluster; nothing has changed
   *     then
   */
  static Qcow2Header write(String imageName, ImageFile file, Qcow2Header header)
      throws IOException {
    new HeaderRewrite(imageName, file, header).run();
    return HeaderCodec.decode(imageName, file);
  }

  private void run() throws IOException {
    int usedBefore = reachOf(HeaderCodec.decode(imageName, file));
    int usedAfter = endOf(header);
    if (usedAfter <= SECTOR_BYTES || sameBehindSector()) {
      writeSector(target);
      return;
    }
    if (usedBefore <= SECTOR_BYTES) {
      writeBehind(target, SECTOR_BYTES, usedAfter);
      writeSector(target);
      return;
    }
    int gapEnd = (Math.max(usedBefore, usedAfter) + SECTOR_BYTES - 1) & -SECTOR_BYTES;
    Qcow2Header detour = withGap(gapEnd);
    boolean fits = header.headerLength() + FRAME_BYTES <= SECTOR_BYTES;
    if (!fits || endOf(detour) > target.capacity()) {
      file.write(0, target.duplicate());
      file.node().flush();
      return;
    }
    ByteBuffer away = HeaderCodec.encode(imageName, detour);
    writeBehind(away, gapEnd, endOf(detour));
    writeSector(away);
    writeBehind(target, SECTOR_BYTES, usedAfter);
    writeSector(target);
  }

  private boolean sameBehindSector() throws IOException {
    ByteBuffer current = file.read(0, target.capacity());
    return current.position(SECTOR_BYTES).equals(target.duplicate().position(SECTOR_BYTES));
  }

  private Qcow2Header withGap(int gapEnd) {
    int gapBytes = Math.max(0, gapEnd - header.headerLength() - FRAME_BYTES);
    List<HeaderExtension> extensions = new ArrayList<>();
    extensions.add(new HeaderExtension.Unknown(PADDING, ByteBuffer.allocate(gapBytes)));
    extensions.addAll(header.extensions());
    return header.withExtensions(extensions);
  }

  private void writeBehind(ByteBuffer cluster, int from, int to) throws IOException {
    file.write(from, cluster.slice(from, to - from)); // I1
    file.node().flush(); // I2
  }

  private void writeSector(ByteBuffer cluster) throws IOException {
    file.write(0, cluster.slice(0, SECTOR_BYTES)); // I1
    file.node().flush();
  }

  /** Where a header ends that is laid out without gaps. */
  private static int endOf(Qcow2Header header) {
    return header.headerLength()
        + ExtensionCodec.encodedBytes(header.extensions())
        + nameBytes(header);
  }

  /** Where a header ends as it stands in an image. */
  private static int reachOf(Qcow2Header header) {
    return Math.max(endOf(header), (int) header.backingFileOffset() + nameBytes(header));
  }

  private static int nameBytes(Qcow2Header header) {
    return header
        .backingFileName()
        .map(name -> name.getBytes(StandardCharsets.UTF_8).length)
        .orElse(0);
  }
}
