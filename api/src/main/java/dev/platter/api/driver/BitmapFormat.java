package dev.platter.api.driver;

import dev.platter.api.error.CorruptImageException;
import dev.platter.api.error.OptionException;
import dev.platter.api.error.ReadOnlyNodeException;
import java.io.IOException;
import java.util.List;

/**
 * A format driver whose images keep bitmaps: each bit stands for a piece of the disk and says
 * whether that piece was changed since the bitmap was made or cleared. Backup programs read them to
 * copy no more than what changed.
 *
 * <p>An enabled bitmap takes note of every write, zero-write and discard. Bitmaps stay in the image
 * when it is closed. One that was in use when its writer stopped without closing the image is
 * <i>inconsistent</i>: it cannot be used any more, but for being removed.
 *
 * <p>Threads: any number, also beside requests. Changes to bitmaps are in the image once it has
 * been closed or {@linkplain FormatDriver#settle settled}.
 */
public interface BitmapFormat {

  /**
   * What a bitmap is.
   *
   * @param name unique within the image, not empty
   * @param granularityBytes guest bytes that one bit stands for, a power of two
   * @param enabled whether it takes note of changes
   * @param consistent whether it can be believed
   */
  record BitmapInfo(String name, long granularityBytes, boolean enabled, boolean consistent) {}

  /** Takes a range of the disk. */
  @FunctionalInterface
  interface DirtyRange {
    /** Takes a range: whole granules, the last one cut off at the end of the disk. */
    void accept(long guestOffset, long length) throws IOException;
  }

  /**
   * Whether the image can keep bitmaps at all.
   *
   * @return false for an image of a version that has none
   */
  boolean keepsBitmaps();

  /**
   * All bitmaps, in the order in which the image has them.
   *
   * @throws CorruptImageException if the image's list of them cannot be read
   */
  List<BitmapInfo> bitmaps() throws IOException;

  /**
   * Makes an empty bitmap.
   *
   * @param name 1 to 1023 bytes of UTF-8
   * @param granularityBytes a power of two, 512 to 2^31
   * @param enabled whether it takes note of changes from now on
   * @throws OptionException if there is one of this name, or the image cannot keep such a one
   * @throws ReadOnlyNodeException if the image is open for reading only
   */
  void addBitmap(String name, long granularityBytes, boolean enabled) throws IOException;

  /**
   * Removes a bitmap, also an inconsistent one.
   *
   * @throws OptionException if there is none of this name
   */
  void removeBitmap(String name) throws IOException;

  /**
   * Makes a bitmap say that nothing has changed.
   *
   * @throws OptionException if there is none of this name, or it is inconsistent
   */
  void clearBitmap(String name) throws IOException;

  /**
   * Has a bitmap take note of changes, or ignore them.
   *
   * @throws OptionException if there is none of this name, or it is inconsistent
   */
  void enableBitmap(String name, boolean enabled) throws IOException;

  /**
   * Has a bitmap say, in addition, what another one says.
   *
   * @param name the bitmap that is changed
   * @param source the image that has the other; may be this one, and of another granularity
   * @param sourceName the other bitmap
   * @throws OptionException if one of them is missing or inconsistent, or the disks differ in size
   */
  void mergeBitmap(String name, BitmapFormat source, String sourceName) throws IOException;

  /**
   * Names the ranges that a bitmap says have changed, from the first to the last, none twice.
   *
   * @throws OptionException if there is none of this name, or it is inconsistent
   */
  void forEachDirty(String name, DirtyRange ranges) throws IOException;

  /** The size of the disk that the bitmaps are about, in bytes. */
  long bitmapDiskBytes();

  /**
   * Has all enabled bitmaps take note of a change. The graph calls this before it changes anything,
   * and again when the change is over: whoever clears or adds a bitmap meanwhile may have copied
   * what was there before.
   *
   * @param guestOffset first byte
   * @param length how many; may be 0
   */
  void markDirty(long guestOffset, long length) throws IOException;
}
