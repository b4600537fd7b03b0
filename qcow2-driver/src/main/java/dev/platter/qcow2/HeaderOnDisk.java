package dev.platter.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The header of an open image, and changes to single fields of it. Each change is one write within
 * the first 512 bytes (R7), so that a power cut leaves the old fields or the new ones.
 *
 * <p>Threads: any number; changes run one at a time.
 */
final class HeaderOnDisk {
  private static final long REFCOUNT_TABLE_FIELDS_OFFSET = 48;
  private static final long INCOMPATIBLE_FEATURES_OFFSET = 72;

  private final ImageFile file;
  private volatile Qcow2Header header;
  private boolean markedDirty;

  HeaderOnDisk(ImageFile file, Qcow2Header header) {
    this.file = file;
    this.header = header;
  }

  /** The header as the image has it. */
  Qcow2Header current() {
    return header;
  }

  /** Names another refcount table. Durable after the file's next flush. */
  synchronized void refcountTable(TableLocation table) throws IOException {
    ByteBuffer fields = ByteBuffer.allocate(Long.BYTES + Integer.BYTES);
    fields.putLong(table.offset()).putInt(table.count()).flip();
    file.write(REFCOUNT_TABLE_FIELDS_OFFSET, fields);
    header = header.withRefcountTable(table);
  }

  /** Reads the header again, after extensions were changed. */
  synchronized void reload(String imageName) throws IOException {
    header = HeaderCodec.decode(imageName, file);
  }

  /** Sets the corrupt bit, durably; images of version 2 have none. */
  synchronized void markCorrupt() throws IOException {
    FeatureBits features = header.features().withIncompatible(FeatureBits.CORRUPT, true);
    if (header.version() < 3 || features.equals(header.features())) {
      return;
    }
    writeIncompatible(features);
    file.node().flush();
  }

  /** Sets the dirty bit: refcounts may be wrong. Durable after the file's next flush. */
  synchronized void markDirty() throws IOException {
    if (!header.features().dirty()) {
      writeIncompatible(header.features().withIncompatible(FeatureBits.DIRTY, true));
      markedDirty = true;
    }
  }

  /**
   * Clears the dirty bit, durably, if {@link #markDirty} has set it; an image that was dirty before
   * and could not be mended stays so. Everything else must be durable.
   */
  synchronized void clearDirty() throws IOException {
    if (markedDirty) {
      writeIncompatible(header.features().withIncompatible(FeatureBits.DIRTY, false));
      file.node().flush();
      markedDirty = false;
    }
  }

  private void writeIncompatible(FeatureBits features) throws IOException {
    ByteBuffer bits = ByteBuffer.allocate(Long.BYTES).putLong(features.incompatible()).flip();
    file.write(INCOMPATIBLE_FEATURES_OFFSET, bits);
    header = header.withFeatures(features);
  }
}
