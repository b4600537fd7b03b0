package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.api.driver.FormatOpening;
import dev.platter.api.driver.ImageCreation;
import dev.platter.api.error.ImageFormatException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValues;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** Format driver {@code toy}. */
final class ToyProvider implements FormatDriverProvider {
  private static final Option<Long> CLUSTER_SIZE =
      Option.size("cluster-size").defaultValue(4096L).build();
  private static final Option<Boolean> ZEROES = Option.flag("zeroes").defaultValue(true).build();
  private static final Option<Long> CACHE_SIZE =
      Option.size("l2-cache-size").conflictsWith("cache-size").build();
  private static final Option<Long> WHOLE_CACHE_SIZE = Option.size("cache-size").build();
  private static final Option<String> DATA_FILE_NAME = Option.text("data-file-name").build();
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  final List<OptionValues> openings = new CopyOnWriteArrayList<>();

  /** Called when a head has been looked at. */
  Runnable afterProbe = () -> {};

  @Override
  public String name() {
    return "toy";
  }

  @Override
  public String description() {
    return "A small format.";
  }

  @Override
  public Set<String> childRoles() {
    return Set.of("file", "backing", "data-file");
  }

  @Override
  public OptionSchema options() {
    return OptionSchema.of(CACHE_SIZE, WHOLE_CACHE_SIZE, DATA_FILE_NAME);
  }

  @Override
  public OptionSchema createOptions() {
    return OptionSchema.of(CLUSTER_SIZE, ZEROES);
  }

  @Override
  public int probe(MemorySegment head, String fileName) {
    int score = head.byteSize() >= 4 && head.get(INT, 0) == ToyHeader.MAGIC ? 100 : 0;
    afterProbe.run();
    return score;
  }

  @Override
  public FormatDriver open(FormatOpening opening) throws IOException {
    openings.add(opening.options());
    if (opening.file().size() < ToyHeader.BYTES) {
      throw new ImageFormatException(opening.imageName(), "Image is not in toy format");
    }
    if (opening.options().given(DATA_FILE_NAME).isPresent()) {
      opening.openChild("data-file", opening.options().given(DATA_FILE_NAME));
    }
    return new ToyFormat(
        opening.file(), ToyHeader.read(opening.file()), opening.readOnly(), opening.readFence());
  }

  @Override
  public void create(BlockNode file, ImageCreation creation) throws IOException {
    ToyHeader header =
        new ToyHeader(
            creation.sizeBytes(),
            Math.toIntExact(creation.options().get(CLUSTER_SIZE)),
            creation.options().get(ZEROES),
            creation.backing());
    file.write(0, header.encode());
    file.flush();
  }
}
