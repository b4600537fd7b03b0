package dev.platter.qcow2;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** One of the variable parts that follow the header's fields ("Header extensions"). */
sealed interface HeaderExtension {
  int END = 0;
  int BACKING_FORMAT = 0xe279_2aca;
  int FEATURE_NAMES = 0x6803_f857;
  int BITMAPS = 0x2385_2875;
  int CRYPTO_HEADER = 0x0537_be77;
  int DATA_FILE = 0x4441_5441;

  /** The extension's type: its first four bytes. */
  int type();

  /** The extension's data, without type, length and padding; positioned at its first byte. */
  ByteBuffer data();

  /** The format driver of the backing file. */
  record BackingFormat(String formatName) implements HeaderExtension {
    @Override
    public int type() {
      return BACKING_FORMAT;
    }

    @Override
    public ByteBuffer data() {
      return ByteBuffer.wrap(formatName.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** The name of the external data file. */
  record DataFile(String fileName) implements HeaderExtension {
    @Override
    public int type() {
      return DATA_FILE;
    }

    @Override
    public ByteBuffer data() {
      return ByteBuffer.wrap(fileName.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Where the LUKS header lies. */
  record CryptoHeader(long offset, long length) implements HeaderExtension {
    static final int BYTES = 16;

    @Override
    public int type() {
      return CRYPTO_HEADER;
    }

    @Override
    public ByteBuffer data() {
      return ByteBuffer.allocate(BYTES).putLong(offset).putLong(length).flip();
    }
  }

  /**
   * Where the directory of persistent bitmaps lies.
   *
   * @param bitmapCount bitmaps in the directory
   * @param directoryBytes the directory's size in bytes
   * @param directoryOffset where it begins, a multiple of the cluster size
   */
  record Bitmaps(int bitmapCount, long directoryBytes, long directoryOffset)
      implements HeaderExtension {
    static final int BYTES = 24;

    @Override
    public int type() {
      return BITMAPS;
    }

    @Override
    public ByteBuffer data() {
      return ByteBuffer.allocate(BYTES)
          .putInt(bitmapCount)
          .putInt(0)
          .putLong(directoryBytes)
          .putLong(directoryOffset)
          .flip();
    }
  }

  /**
   * What feature bits are called, for messages about those that a reader does not know.
   *
   * @param data the table as it stands in the image
   */
  record FeatureNames(ByteBuffer data) implements HeaderExtension {
    public FeatureNames {
      data = copyOf(data);
    }

    /** A table of these names. */
    static FeatureNames of(List<FeatureName> names) {
      ByteBuffer data = ByteBuffer.allocate(names.size() * FeatureName.BYTES);
      names.forEach(name -> name.put(data));
      return new FeatureNames(data.flip());
    }

    @Override
    public int type() {
      return FEATURE_NAMES;
    }

    @Override
    public ByteBuffer data() {
      return data.duplicate();
    }

    /** The entries up to the first one without a name. */
    List<FeatureName> names() {
      List<FeatureName> names = new ArrayList<>();
      int padded = Math.ceilDiv(data.remaining(), FeatureName.BYTES) * FeatureName.BYTES;
      ByteBuffer rest = ByteBuffer.allocate(padded).put(data()).clear(); // the last may be short
      while (rest.hasRemaining()) {
        FeatureName name = FeatureName.take(rest);
        if (name.name().isEmpty()) {
          break;
        }
        names.add(name);
      }
      return names;
    }
  }

  /**
   * What one feature bit is called.
   *
   * @param kind 0 incompatible, 1 compatible, 2 autoclear
   * @param bit the bit's number
   * @param name at most 46 bytes
   */
  record FeatureName(int kind, int bit, String name) {
    static final int BYTES = 48;
    static final int NAME_BYTES = 46;
    static final int INCOMPATIBLE = 0;
    static final int COMPATIBLE = 1;
    static final int AUTOCLEAR = 2;

    private void put(ByteBuffer data) {
      int end = data.position() + BYTES;
      data.put((byte) kind).put((byte) bit).put(name.getBytes(StandardCharsets.UTF_8));
      data.position(end);
    }

    private static FeatureName take(ByteBuffer data) {
      int kind = data.get() & 0xff;
      int bit = data.get() & 0xff;
      byte[] name = new byte[NAME_BYTES];
      data.get(name);
      int end = 0;
      while (end < name.length && name[end] != 0) {
        end++;
      }
      return new FeatureName(kind, bit, new String(name, 0, end, StandardCharsets.UTF_8));
    }
  }

  /** An extension that is kept as it is. */
  record Unknown(int type, ByteBuffer data) implements HeaderExtension {
    public Unknown {
      data = copyOf(data);
    }

    @Override
    public ByteBuffer data() {
      return data.duplicate();
    }
  }

  private static ByteBuffer copyOf(ByteBuffer data) {
    return ByteBuffer.allocate(data.remaining()).put(data.duplicate()).flip().asReadOnlyBuffer();
  }
}
