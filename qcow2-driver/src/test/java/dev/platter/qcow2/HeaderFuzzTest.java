package dev.platter.qcow2;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.platter.tck.HostileCalls;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;

/** Decodes headers, snapshot tables and bitmap directories from bytes as they come. */
class HeaderFuzzTest {
  private static final String NAME = "hostile";

  @FuzzTest
  void decode(byte[] input) {
    HostileCalls.survive(() -> decode(new ImageFile(MemoryNode.of(NAME, input))));
  }

  private static void decode(ImageFile file) throws IOException {
    Qcow2Header header = HeaderCodec.decode(NAME, file);
    HostileCalls.attempt(() -> SnapshotTable.read(NAME, file, header));
    for (HeaderExtension extension : header.extensions()) {
      if (extension instanceof HeaderExtension.Bitmaps bitmaps) {
        HostileCalls.attempt(() -> StoredBitmap.readAll(NAME, file, header.geometry(), bitmaps));
      }
    }
  }
}
