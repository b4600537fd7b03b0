package dev.platter.luks;

import dev.platter.api.BlockNode;
import dev.platter.crypto.CryptoException;
import dev.platter.crypto.LuksStorage;
import java.io.IOException;

/** The beginning of a volume's file, where its header and key slots lie. */
record FileStorage(BlockNode file) implements LuksStorage {

  @Override
  public void read(long offset, byte[] dst) throws IOException {
    if (offset < 0 || offset > file.size() - dst.length) {
      throw new CryptoException("Volume is not in LUKS format: the file ends before its header");
    }
    file.read(offset, dst);
  }

  @Override
  public void write(long offset, byte[] src) throws IOException {
    file.write(offset, src);
  }

  @Override
  public void flush() throws IOException {
    file.flush();
  }
}
