package dev.platter.api.driver;

import dev.platter.api.driver.AmendableFormat.Progress;
import java.io.IOException;

/**
 * A format driver whose images can be laid out anew where they are: what guests, snapshots and
 * bitmaps see stays as it is.
 *
 * <p>The graph has drained all requests. A power cut, a kill or a failure at any point leaves an
 * image that is sound and holds what it held, with clusters that leak at worst; the next call goes
 * on from there.
 */
public interface CompactableFormat {
  /**
   * Moves what lies at the end of the file down into free clusters, and gives the space behind it
   * back to the host. Takes no more space meanwhile.
   *
   * @param progress takes how far the work is
   * @throws dev.platter.api.error.CorruptImageException if the image has errors; nothing has
   *     changed then
   */
  Relayout compact(Progress progress) throws IOException;

  /**
   * Has the disk's clusters lie in the order of the guest's disk, side by side, and compacts the
   * file afterwards. Tables and compressed clusters stay where they are until then.
   *
   * @param spareBytes by how much the file may grow meanwhile, rounded up to a cluster; positive.
   *     More of it takes fewer steps
   * @param progress takes how far the work is
   * @throws dev.platter.api.error.CorruptImageException if the image has errors; nothing has
   *     changed then
   */
  Relayout defragment(long spareBytes, Progress progress) throws IOException;

  /**
   * What was done.
   *
   * @param bytesBefore the size of the image's file before, in bytes
   * @param bytesAfter its size now
   * @param bytesMoved how many bytes were written to another place
   */
  record Relayout(long bytesBefore, long bytesAfter, long bytesMoved) {}
}
