package dev.platter.harness.junit;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.BlockDriverProvider;
import dev.platter.api.driver.DriverLookup;
import dev.platter.api.driver.ProtocolDriverProvider;
import dev.platter.api.driver.ProtocolOpening;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValues;
import dev.platter.graph.DriverRegistry;
import dev.platter.tck.fake.FaultyFile;
import dev.platter.tck.fake.FaultyNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The driver of host files, with a place for faults over each file that it opens. */
final class FaultyFiles implements ProtocolDriverProvider {
  private static final String FILE = "file";

  private final ProtocolDriverProvider files;
  private final Map<Path, FaultyNode> lastOpened = new ConcurrentHashMap<>();

  private FaultyFiles(ProtocolDriverProvider files) {
    this.files = files;
  }

  /** The place for faults over the host files that one of {@code drivers} opens. */
  static FaultyFiles over(DriverLookup drivers) {
    if (drivers.find(FILE).orElseThrow() instanceof ProtocolDriverProvider files) {
      return new FaultyFiles(files);
    }
    throw new IllegalStateException("the driver 'file' is not a protocol's");
  }

  /** These drivers, with this one instead of that of host files. */
  DriverLookup among(DriverLookup drivers) {
    return DriverRegistry.of(
        drivers.all().stream()
            .map(driver -> driver.name().equals(FILE) ? this : driver)
            .toArray(BlockDriverProvider[]::new));
  }

  /** The place for faults over a file, as it was opened last. */
  Optional<FaultyNode> over(Path file) {
    return Optional.ofNullable(lastOpened.get(file));
  }

  @Override
  public BlockNode open(ProtocolOpening opening) throws IOException {
    FaultyFile file = new FaultyFile(files.open(opening));
    lastOpened.put(file.path(), file);
    return file;
  }

  @Override
  public void create(String fileName, long sizeBytes, OptionValues options) throws IOException {
    files.create(fileName, sizeBytes, options);
  }

  @Override
  public String name() {
    return files.name();
  }

  @Override
  public String description() {
    return files.description();
  }

  @Override
  public OptionSchema options() {
    return files.options();
  }

  @Override
  public Set<String> childRoles() {
    return files.childRoles();
  }

  @Override
  public OptionSchema createOptions() {
    return files.createOptions();
  }
}
