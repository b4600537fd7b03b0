package dev.platter.qcow2;

import dev.platter.api.Preallocation;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Images that QEMU has filled in many ways, and ways to damage their metadata. */
final class DamagedImages {
  /**
   * An image to damage.
   *
   * @param name what is special about it
   * @param node its file; not to be changed
   */
  record Base(String name, MemoryNode node) {}

  private static final String DATA_FILE = "guest-data";

  private DamagedImages() {}

  /** Makes the images: a few hundred KiB each. */
  static List<Base> bases(Path folder) {
    List<Base> bases = new ArrayList<>();
    bases.add(base(folder, "plain", "cluster_size=512", "3M"));
    bases.add(base(folder, "one-bit", "cluster_size=512,refcount_bits=1", "3M"));
    bases.add(base(folder, "two-bits", "cluster_size=1024,refcount_bits=2", "4M"));
    bases.add(base(folder, "wide", "cluster_size=512,refcount_bits=64", "3M"));
    bases.add(base(folder, "v2", "cluster_size=1024,compat=0.10", "4M"));
    bases.add(base(folder, "default-clusters", "cluster_size=65536", "20M"));
    bases.add(base(folder, "preallocated", "cluster_size=4096,preallocation=metadata", "2M"));
    Path snapshots = fill(folder, "snapshots", "cluster_size=1024", "4M");
    Qemu.img("snapshot", "-c", "one", snapshots.toString());
    Qemu.io(snapshots, "write -P 9 100k 300k", "write -z 1M 200k");
    Qemu.img("snapshot", "-c", "two", snapshots.toString());
    bases.add(read("snapshots", snapshots));
    Path bitmaps = fill(folder, "bitmaps", "cluster_size=1024", "4M");
    Qemu.img("bitmap", "--add", "-g", "4k", bitmaps.toString(), "bitmap0");
    Qemu.io(bitmaps, "write -P 9 100k 300k");
    bases.add(read("bitmaps", bitmaps));
    bases.add(everything(folder));
    bases.add(base(folder, "subclusters", "cluster_size=16k,extended_l2=on", "4M"));
    Path data = folder.resolve(DATA_FILE);
    bases.add(base(folder, "data-file", "cluster_size=1024,data_file=" + data, "4M"));
    return bases;
  }

  /**
   * Options that give QEMU the external data file of the image that has one, with a comma first.
   */
  static String dataFile(Path folder) {
    return ",data-file.driver=file,data-file.filename=" + folder.resolve(DATA_FILE);
  }

  /** Bitmaps of two granularities, three snapshots, and writes after each of them. */
  private static Base everything(Path folder) {
    Path image = fill(folder, "everything", "cluster_size=512,refcount_bits=8", "2M");
    Qemu.img("snapshot", "-c", "one", image.toString());
    Qemu.img("bitmap", "--add", "-g", "512", image.toString(), "fine");
    Qemu.io(image, "write -P 9 100k 30k", "discard 900k 16k");
    Qemu.img("snapshot", "-c", "two", image.toString());
    Qemu.img("bitmap", "--add", "-g", "64k", image.toString(), "coarse");
    Qemu.io(image, "write -P 10 0 5k");
    Qemu.img("bitmap", "--disable", image.toString(), "fine");
    Qemu.img("snapshot", "-c", "a third one", image.toString());
    Qemu.io(image, "write -P 11 64k 3k");
    return read("everything", image);
  }

  private static Base base(Path folder, String name, String options, String size) {
    return read(name, fill(folder, name, options, size));
  }

  private static Path fill(Path folder, String name, String options, String size) {
    Path image = folder.resolve(name + ".qcow2");
    Qemu.img("create", "-q", "-f", "qcow2", "-o", options, image.toString(), size);
    List<String> commands = new ArrayList<>();
    commands.add("write -P 1 0 200k");
    commands.add("write -P 2 900k 128k");
    commands.add("write -P 3 1500k 1k");
    commands.add("discard 64k 64k");
    if (!options.contains("0.10")) {
      commands.add("write -z 128k 32k");
      commands.add("write -z -u 160k 8k");
    }
    if (options.contains("extended_l2")) {
      commands.add("write -P 4 2200k 1k");
      commands.add("write -z 2210k 3k");
    }
    if (!options.contains("preallocation") && !options.contains("data_file")) {
      int clusterKib = options.contains("65536") ? 64 : options.contains("16k") ? 16 : 4;
      for (int i = 0; i < 6; i++) {
        commands.add("write -c -P 7 %dk %dk".formatted(1792 + i * clusterKib, clusterKib));
      }
    }
    Qemu.io(image, commands.toArray(String[]::new));
    return image;
  }

  private static Base read(String name, Path image) {
    return new Base(name, Qemu.node(image));
  }

  /** A copy of an image with one to three words of its metadata damaged. */
  static MemoryNode damage(Base base, Random random) throws IOException {
    MemoryNode node = base.node().copy();
    Qcow2Header header = HeaderCodec.decode(base.name(), new ImageFile(node));
    int wounds = 1 + random.nextInt(3);
    for (int i = 0; i < wounds; i++) {
      wound(node, header, random);
    }
    return node;
  }

  private static void wound(MemoryNode node, Qcow2Header header, Random random) throws IOException {
    ImageFile file = new ImageFile(node);
    ClusterGeometry geometry = header.geometry();
    long l1Offset = header.l1Table().offset() + 8L * random.nextInt(header.l1Table().count());
    long l2Table = L1Entry.tableOffset(file.read(l1Offset, 8).getLong());
    long l2Offset = l2Table + 8L * random.nextInt(geometry.clusterBytes() / 8);
    long block =
        file.read(header.refcountTable().offset(), 8).getLong() & StoredRefcounts.OFFSET_MASK;
    switch (random.nextInt(15)) {
      case 0, 1, 2 -> put(node, block + random.nextInt(geometry.clusterBytes() / 4), 1, random);
      case 3, 4, 5, 6 -> put(node, l2Table == 0 ? l1Offset : l2Offset, 8, random);
      case 7 -> put(node, l1Offset, 8, random);
      case 8 -> put(node, header.refcountTable().offset() + 8L * random.nextInt(4), 8, random);
      case 9 -> copyWord(node, l2Table == 0 ? l1Offset : l2Offset, l1Offset);
      case 10 -> copyWord(node, l2Table == 0 ? l1Offset : l2Table, l2Offset);
      case 11 -> woundHeader(node, random);
      case 12 -> woundSnapshot(node, header, random);
      case 13 -> woundBitmap(node, header, random);
      default -> node.resize(truncated(node.size(), header, random), Preallocation.OFF);
    }
  }

  /** A field of the header that is not about sizes: those are a matter of opening. */
  private static void woundHeader(MemoryNode node, Random random) throws IOException {
    int[] fields = {36, 44, 52, 56, 60, 68, 72 + 4, 88 + 4};
    put(node, fields[random.nextInt(fields.length)], 4, random);
  }

  /** An entry of the snapshot table, or the tables that one names. */
  private static void woundSnapshot(MemoryNode node, Qcow2Header header, Random random)
      throws IOException {
    if (header.snapshotTable().count() == 0) {
      return;
    }
    ImageFile file = new ImageFile(node);
    SnapshotReader reader = new SnapshotReader(file, header.snapshotTable().offset());
    long entry = 0;
    InternalSnapshot snapshot = null;
    for (int i = random.nextInt(header.snapshotTable().count()); i >= 0; i--) {
      entry = header.snapshotTable().offset() + (reader.consumed() + 7 & -8);
      snapshot = reader.next().snapshot();
    }
    long l1 = snapshot.l1Table().offset();
    long l1Entry = l1 + 8L * random.nextInt(Math.max(1, snapshot.l1Table().count() & 0xff));
    switch (random.nextInt(4)) {
      case 0 -> put(node, entry + 4L * random.nextInt(10), 4, random);
      case 1 -> put(node, entry + 36, 4, random);
      case 2 -> put(node, l1Entry, 8, random);
      default -> {
        long l2 = l1 < 0 ? 0 : L1Entry.tableOffset(file.read(l1Entry, 8).getLong());
        put(node, l2 + 8L * random.nextInt(header.geometry().clusterBytes() / 8), 8, random);
      }
    }
  }

  /** The directory of bitmaps, or the table that an entry of it names. */
  private static void woundBitmap(MemoryNode node, Qcow2Header header, Random random)
      throws IOException {
    Optional<HeaderExtension.Bitmaps> where = header.extension(HeaderExtension.Bitmaps.class);
    if (where.isEmpty()) {
      return;
    }
    long directory = where.get().directoryOffset();
    long table = new ImageFile(node).read(directory, 8).getLong();
    switch (random.nextInt(3)) {
      case 0 -> put(node, directory + 4L * random.nextInt(6), 4, random);
      case 1 ->
          put(node, directory + random.nextInt((int) where.get().directoryBytes()), 1, random);
      default -> put(node, table + 8L * random.nextInt(4), 8, random);
    }
  }

  private static long truncated(long size, Qcow2Header header, Random random) {
    long least = header.l1Table().offset() + 8L * header.l1Table().count();
    return Math.max(least, size - random.nextInt(3 * header.geometry().clusterBytes()));
  }

  private static void put(MemoryNode node, long offset, int length, Random random)
      throws IOException {
    if (offset < 0 || offset + length > node.size()) {
      return;
    }
    ByteBuffer word = ByteBuffer.allocate(8);
    node.read(offset, word.limit(length));
    word.clear();
    switch (random.nextInt(4)) {
      case 0 -> word.putLong(0, 0);
      case 1 -> word.putLong(0, word.getLong(0) ^ (1L << (63 - random.nextInt(8 * length))));
      case 2 -> word.putLong(0, word.getLong(0) + (512L << random.nextInt(8)));
      default -> word.putLong(0, random.nextLong() & (random.nextBoolean() ? -1L : 0xfffffL));
    }
    node.write(offset, word.limit(length));
  }

  private static void copyWord(MemoryNode node, long from, long to) throws IOException {
    if (to >= 0 && from >= 0 && Math.max(from, to) + 8 <= node.size()) {
      byte[] word = new byte[8];
      node.read(from, word);
      node.write(to, word);
    }
  }
}
