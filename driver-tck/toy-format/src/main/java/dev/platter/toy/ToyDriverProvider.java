package dev.platter.toy;

import dev.platter.api.BlockNode;
import dev.platter.api.Preallocation;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.api.driver.FormatOpening;
import dev.platter.api.driver.ImageCreation;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionSchema;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/** The format {@code toy}, as {@code ServiceLoader} finds it. */
public final class ToyDriverProvider implements FormatDriverProvider {
  /** {@code cluster_size}: how many bytes one entry of the table stands for. */
  public static final Option<Long> CLUSTER_SIZE =
      Option.size("cluster_size", 512, 2 << 20)
          .defaultValue(64L << 10)
          .doc("Bytes in a cluster; a power of two.")
          .build();

  private static final int CERTAIN = 100;
  private static final ValueLayout.OfLong BIG_ENDIAN_LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  /** Called by {@code ServiceLoader}. */
  public ToyDriverProvider() {}

  @Override
  public String name() {
    return "toy";
  }

  @Override
  public String description() {
    return "A small example format with backing files.";
  }

  @Override
  public OptionSchema options() {
    return OptionSchema.empty();
  }

  @Override
  public OptionSchema createOptions() {
    return OptionSchema.of(CLUSTER_SIZE);
  }

  @Override
  public int probe(MemorySegment head, String fileName) {
    boolean magic =
        head.byteSize() >= Long.BYTES && head.get(BIG_ENDIAN_LONG, 0) == ToyHeader.MAGIC;
    return magic ? CERTAIN : 0;
  }

  @Override
  public FormatDriver open(FormatOpening opening) throws IOException {
    ToyHeader header = ToyHeader.read(opening.file(), opening.imageName());
    return ToyFormat.open(header, opening);
  }

  @Override
  public void create(BlockNode file, ImageCreation creation) throws IOException {
    long clusterBytes = creation.options().get(CLUSTER_SIZE);
    if (Long.bitCount(clusterBytes) != 1) {
      throw refused(
          CLUSTER_SIZE.name(), clusterBytes, "Cluster size must be a power of two", "512 to 2M");
    }
    int clusterBits = Long.numberOfTrailingZeros(clusterBytes);
    long maxSizeBytes = ToyHeader.maxSizeBytes(clusterBits);
    if (creation.sizeBytes() < 0 || creation.sizeBytes() > maxSizeBytes) {
      throw refused(
          "size", creation.sizeBytes(), "Image size is out of range", "0 to " + maxSizeBytes);
    }
    ToyHeader header = new ToyHeader(clusterBits, creation.sizeBytes(), creation.backing());
    ByteBuffer sector = header.encode(creation.imageName());
    file.resize(0, Preallocation.OFF);
    file.resize(header.dataOffset(), Preallocation.OFF); // a table of zeros: all absent
    file.write(0, sector);
    file.flush();
  }

  private static OptionException refused(String key, long found, String message, String allowed) {
    return new OptionException(
        new OptionProblem(key, message, Long.toString(found), allowed, Optional.empty()));
  }
}
