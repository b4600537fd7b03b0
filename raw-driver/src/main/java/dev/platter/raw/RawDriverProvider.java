package dev.platter.raw;

import dev.platter.api.BlockNode;
import dev.platter.api.Preallocation;
import dev.platter.api.Ranges;
import dev.platter.api.driver.FileRole;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.api.driver.FormatOpening;
import dev.platter.api.driver.ImageCreation;
import dev.platter.api.driver.ImageMeasure;
import dev.platter.api.driver.MeasureRequest;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValues;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;
import java.util.Set;

/** Format driver {@code raw}: a file that is a disk, byte for byte, or a part of one. */
public final class RawDriverProvider implements FormatDriverProvider {

  /** Created by {@link java.util.ServiceLoader}. */
  public RawDriverProvider() {}

  @Override
  public String name() {
    return "raw";
  }

  @Override
  public String description() {
    return "The file is the disk, byte for byte, or the part of it that offset and size name.";
  }

  @Override
  public Set<String> childRoles() {
    return Set.of("file");
  }

  @Override
  public OptionSchema options() {
    return RawOptions.SCHEMA;
  }

  @Override
  public OptionSchema createOptions() {
    return RawOptions.CREATE_SCHEMA;
  }

  @Override
  public FileRole fileRole(OptionValues options) {
    boolean part =
        options.given(RawOptions.OFFSET).isPresent() || options.given(RawOptions.SIZE).isPresent();
    return part ? FileRole.DATA : FileRole.SAME;
  }

  /** Anything can be a raw disk, and nothing says that it is: the lowest score there is. */
  @Override
  public int probe(MemorySegment head, String fileName) {
    return 1;
  }

  @Override
  public FormatDriver open(FormatOpening opening) throws IOException {
    RawExtent extent = RawExtent.of(opening.options(), opening.file().size());
    return new RawFormat(opening.file(), extent, opening.readOnly());
  }

  /** {@inheritDoc} The size is rounded up to whole sectors. */
  @Override
  public void create(BlockNode file, ImageCreation creation) throws IOException {
    if (creation.backing().isPresent()) {
      throw new UnsupportedFeatureException("Backing file not supported for file format 'raw'");
    }
    Preallocation preallocation = creation.options().get(RawOptions.PREALLOCATION);
    if (preallocation == Preallocation.METADATA) {
      throw new UnsupportedFeatureException("Unsupported preallocation mode: metadata");
    }
    long sizeBytes = Ranges.alignUp(creation.sizeBytes(), RawFormat.SECTOR_BYTES);
    file.resize(0, Preallocation.OFF); // drops what was there: growth reads as zeros
    file.resize(sizeBytes, preallocation);
    file.flush();
  }

  /** {@inheritDoc} What a raw file does not store counts as well. */
  @Override
  public ImageMeasure measure(MeasureRequest request) {
    long sizeBytes = request.source().map(BlockNode::size).orElse(request.sizeBytes());
    long bytes = Ranges.alignUp(sizeBytes, RawFormat.SECTOR_BYTES);
    return new ImageMeasure(bytes, bytes, OptionalLong.empty());
  }
}
