package dev.platter.benchmarks.compare;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The images that are compared, made by {@code qemu-img} and, where it has no way to, by changing
 * what it made.
 *
 * @param folder where they are put
 */
record Images(Path folder) {
  private static final long SEED = 20_261_122;
  private static final int CLUSTER_BYTES = 64 << 10;
  private static final int ENTRIES_PER_TABLE = CLUSTER_BYTES / Long.BYTES;
  private static final long L1_OFFSET_MASK = 0x00ff_ffff_ffff_fe00L;
  private static final int HEADER_L1_COUNT = 36;
  private static final int HEADER_L1_OFFSET = 40;

  /** Where an image of that name is, or will be. */
  Path path(String name) {
    return folder.resolve(name);
  }

  /** An image whose clusters are all allocated, in order; their contents are holes. */
  Path inOrder(String name, String size) throws IOException, InterruptedException {
    Path image = path(name);
    create(List.of("-o", "preallocation=metadata", image.toString(), size));
    return image;
  }

  /** The same with every cluster at a random place. */
  Path shuffled(String name, String size) throws IOException, InterruptedException {
    Path image = inOrder(name, size);
    try (FileChannel file = new RandomAccessFile(image.toFile(), "rw").getChannel()) {
      shuffle(file);
    }
    return image;
  }

  /** An image made anew, whatever was there. */
  Path fresh(String name, String size) throws IOException, InterruptedException {
    Path image = path(name);
    Files.deleteIfExists(image);
    create(List.of(image.toString(), size));
    return image;
  }

  /**
   * Overlays over a base.
   *
   * @param count how many
   * @return the topmost
   */
  Path chain(Path base, String prefix, int count, String size)
      throws IOException, InterruptedException {
    Path below = base;
    for (int i = 1; i <= count; i++) {
      Path image = path(prefix + i + ".qcow2");
      if (Files.notExists(image)) {
        create(List.of("-u", "-F", "qcow2", "-b", below.toString(), image.toString(), size));
      }
      below = image;
    }
    return below;
  }

  private static void create(List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("qemu-img", "create", "-q"));
    command.addAll(List.of("-f", "qcow2"));
    command.addAll(arguments);
    Programs.run(command);
  }

  private static void shuffle(FileChannel file) throws IOException {
    int tables = read(file, HEADER_L1_COUNT, Integer.BYTES).getInt();
    LongBuffer l1 =
        read(file, read(file, HEADER_L1_OFFSET, Long.BYTES).getLong(), tables * Long.BYTES)
            .asLongBuffer();
    ByteBuffer entries = ByteBuffer.allocate(tables * CLUSTER_BYTES);
    int used = 0;
    for (int i = 0; i < tables; i++) {
      ByteBuffer table = read(file, l1.get(i) & L1_OFFSET_MASK, CLUSTER_BYTES);
      for (int j = 0; j < ENTRIES_PER_TABLE && table.getLong(j * Long.BYTES) != 0; j++) {
        entries.putLong(table.getLong(j * Long.BYTES));
        used++;
      }
    }
    Random random = new Random(SEED);
    for (int i = used - 1; i > 0; i--) {
      int other = random.nextInt(i + 1) * Long.BYTES;
      long entry = entries.getLong(i * Long.BYTES);
      entries.putLong(i * Long.BYTES, entries.getLong(other)).putLong(other, entry);
    }
    for (int i = 0, at = 0; i < tables; i++, at += CLUSTER_BYTES) {
      int length = Math.min(CLUSTER_BYTES, used * Long.BYTES - at);
      file.write(entries.slice(at, length), l1.get(i) & L1_OFFSET_MASK);
    }
  }

  private static ByteBuffer read(FileChannel file, long offset, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining() && file.read(bytes, offset + bytes.position()) >= 0) {}
    return bytes.flip();
  }
}
