package dev.platter.graph;

import dev.platter.api.BackingReference;
import dev.platter.api.BlockNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The header of a toy image. */
record ToyHeader(long size, int clusterBytes, boolean zeroes, Optional<BackingReference> backing) {
  static final int BYTES = 4096;
  static final int MAGIC = 0x544f5921;

  byte[] encode() {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
    bytes.putInt(MAGIC).putLong(size).putInt(clusterBytes).put((byte) (zeroes ? 1 : 0));
    putText(bytes, backing.map(BackingReference::fileName).orElse(""));
    putText(bytes, backing.flatMap(BackingReference::formatName).orElse(""));
    return bytes.array();
  }

  static ToyHeader read(BlockNode file) throws IOException {
    byte[] head = new byte[BYTES];
    file.read(0, head);
    ByteBuffer bytes = ByteBuffer.wrap(head);
    bytes.getInt();
    long size = bytes.getLong();
    int clusterBytes = bytes.getInt();
    boolean zeroes = bytes.get() == 1;
    String name = text(bytes);
    Optional<String> format = Optional.of(text(bytes)).filter(text -> !text.isEmpty());
    return new ToyHeader(
        size,
        clusterBytes,
        zeroes,
        name.isEmpty() ? Optional.empty() : Optional.of(new BackingReference(name, format)));
  }

  ToyHeader withSize(long newSize) {
    return new ToyHeader(newSize, clusterBytes, zeroes, backing);
  }

  private static void putText(ByteBuffer bytes, String text) {
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    bytes.putInt(encoded.length).put(encoded);
  }

  private static String text(ByteBuffer bytes) {
    byte[] encoded = new byte[bytes.getInt()];
    bytes.get(encoded);
    return new String(encoded, StandardCharsets.UTF_8);
  }
}
