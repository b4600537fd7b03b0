package dev.platter.qcow2;

import static org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt.forClasses;

import dev.platter.api.driver.CacheBudget;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/**
 * An L2 table of four slices behind a cache that holds two, of which one may be dirty: each entry
 * is a register, whatever is loaded, evicted and written back meanwhile.
 */
@Param(name = "slice", gen = IntGen.class, conf = "0:3")
@Param(name = "entry", gen = IntGen.class, conf = "1:9")
public class L2CacheLincheckTest {
  private static final int SLICE_BYTES = 512;
  private static final byte[] IMAGE;

  static {
    try {
      MemoryNode node = NewImages.create(1 << 19, "cluster_size=2k");
      ImageFile file = new ImageFile(node);
      Qcow2Header header = HeaderCodec.decode(node.name(), file);
      long tableOffset = header.geometry().alignUp(node.size());
      ByteBuffer l1Entry = ByteBuffer.allocate(Long.BYTES).putLong(tableOffset).flip();
      file.write(header.l1Table().offset(), l1Entry);
      file.write(tableOffset, ByteBuffer.allocate(header.geometry().clusterBytes()));
      IMAGE = node.bytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final ReentrantLock metadataLock = new ReentrantLock();
  private final ReentrantLock writeBack = new ReentrantLock();
  private final ImageFile file;
  private final L2Cache cache;
  private final long tableOffset;

  public L2CacheLincheckTest() throws IOException {
    file = new ImageFile(MemoryNode.of("image", IMAGE));
    Qcow2Header header = HeaderCodec.decode("image", file);
    ClusterGeometry geometry = header.geometry();
    Corruption corruption =
        new Corruption(TestOpening.of(file.node()).withReadOnly(), new HeaderOnDisk(file, header));
    L1Table l1Table = new L1Table(file, geometry, header.l1Table(), corruption);
    CacheSizes sizes = new CacheSizes(2 * SLICE_BYTES, 0, SLICE_BYTES);
    cache = new L2Cache(file, l1Table, header, sizes, SliceForm.RAW);
    cache.join("image", CacheBudget.of(2 * SLICE_BYTES), true);
    tableOffset = geometry.alignDown(IMAGE.length - 1L);
  }

  @Operation(params = "slice")
  public long read(int slice) throws IOException {
    return cache.slice(0, slice).entry(0);
  }

  /** As {@link EntryChanges} does it. */
  @Operation(params = {"slice", "entry"})
  public long write(int slice, int entry) throws IOException {
    while (true) {
      CachedSlice cached = cache.present(0, slice);
      metadataLock.lock();
      try {
        L2Slice old = cached.slice();
        if (cache.change(cached, old.with(0, entry)) == SliceRing.Change.MADE) {
          return old.entry(0);
        }
      } finally {
        metadataLock.unlock();
      }
      flush();
    }
  }

  /** As {@link WriteBack} does it. */
  @Operation
  public void flush() throws IOException {
    writeBack.lock();
    try {
      List<CachedSlice> dirty = new ArrayList<>();
      for (PendingWrite write : cut(dirty)) {
        ByteBuffer bytes = ByteBuffer.allocate(write.byteCount());
        write.encode(bytes);
        file.write(write.hostOffset(), bytes.flip());
      }
      finish(dirty);
    } finally {
      writeBack.unlock();
    }
  }

  @Operation
  public void clean() {
    cache.clean();
  }

  private List<PendingWrite> cut(List<CachedSlice> dirty) {
    metadataLock.lock();
    try {
      dirty.addAll(cache.dirty());
      List<PendingWrite> writes = new ArrayList<>();
      for (CachedSlice cached : dirty) {
        long offset = tableOffset + (long) cached.sliceIndex() * SLICE_BYTES;
        writes.add(new PendingWrite.Slice(offset, cached.slice()));
      }
      cache.take(dirty);
      return writes;
    } finally {
      metadataLock.unlock();
    }
  }

  private void finish(List<CachedSlice> written) {
    metadataLock.lock();
    try {
      cache.written(written, true);
    } finally {
      metadataLock.unlock();
    }
  }

  /** What the cache is to its users. */
  public static class Registers {
    private final long[] entries = new long[4];

    public long read(int slice) {
      return entries[slice];
    }

    public long write(int slice, int entry) {
      long old = entries[slice];
      entries[slice] = entry;
      return old;
    }

    public void flush() {}

    public void clean() {}
  }

  @Test
  void everyEntryIsARegister() {
    new ModelCheckingOptions()
        .addGuarantee(
            forClasses(MemoryNode.class.getName(), RawL2Slice.class.getName())
                .allMethods()
                .ignore())
        .sequentialSpecification(Registers.class)
        .iterations(Integer.getInteger("platter.lincheck.scenarios", 2))
        .invocationsPerIteration(60)
        .threads(2)
        .actorsPerThread(3)
        .check(getClass());
  }
}
