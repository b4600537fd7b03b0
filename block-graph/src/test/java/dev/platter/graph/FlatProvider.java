package dev.platter.graph;

import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.Preallocation;
import dev.platter.api.driver.FileRole;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.api.driver.FormatOpening;
import dev.platter.api.driver.ImageCreation;
import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.driver.ResizableFormat;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValues;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/** Format driver {@code raw} of these tests: the file is the disk. */
final class FlatProvider implements FormatDriverProvider {
  @Override
  public String name() {
    return "raw";
  }

  @Override
  public String description() {
    return "The file is the disk.";
  }

  @Override
  public Set<String> childRoles() {
    return Set.of("file");
  }

  @Override
  public OptionSchema options() {
    return OptionSchema.empty();
  }

  @Override
  public FileRole fileRole(OptionValues options) {
    return FileRole.SAME;
  }

  @Override
  public int probe(MemorySegment head, String fileName) {
    return 1;
  }

  @Override
  public FormatDriver open(FormatOpening opening) {
    return new Flat(opening.file(), opening.readOnly());
  }

  @Override
  public void create(BlockNode file, ImageCreation creation) throws IOException {
    file.resize(creation.sizeBytes(), Preallocation.OFF);
  }

  private record Flat(BlockNode data, boolean readOnly) implements FormatDriver, ResizableFormat {
    @Override
    public long size() {
      return data.size();
    }

    @Override
    public BlockLimits limits() {
      return BlockLimits.NONE;
    }

    @Override
    public Mapping map(long guestOffset, long length) {
      return new Mapping.Data(guestOffset, length, !readOnly);
    }

    @Override
    public boolean release(long guestOffset, long length, ReleaseMode mode) throws IOException {
      if (mode == ReleaseMode.DISCARD) {
        data.discard(guestOffset, length);
      }
      return mode == ReleaseMode.DISCARD;
    }

    @Override
    public void resize(long newSize, Preallocation preallocation, Growth growth)
        throws IOException {
      boolean grows = newSize > data.size();
      data.resize(newSize, preallocation);
      if (grows) {
        growth.zero();
      }
    }

    @Override
    public void flush() throws IOException {
      data.flush();
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
