package dev.platter.qcow2;

import dev.platter.crypto.CryptoException;
import dev.platter.crypto.LuksStorage;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The clusters in which an image keeps the header of its encryption ("Full disk encryption header
 * pointer").
 */
record CryptoHeaderStorage(ImageFile file, HeaderExtension.CryptoHeader where)
    implements LuksStorage {

  @Override
  public void read(long offset, byte[] dst) throws IOException {
    file.read(hostOffset(offset, dst.length), dst.length).get(dst);
  }

  @Override
  public void write(long offset, byte[] src) throws IOException {
    file.write(hostOffset(offset, src.length), ByteBuffer.wrap(src));
  }

  @Override
  public void flush() throws IOException {
    file.node().flush();
  }

  private long hostOffset(long offset, int length) throws CryptoException {
    boolean inside = where.length() >= 0 && offset <= where.length() - length;
    if (!inside || where.offset() < 0 || where.offset() > Long.MAX_VALUE - where.length()) {
      throw new CryptoException("Request for data outside of extension header");
    }
    return where.offset() + offset;
  }
}
