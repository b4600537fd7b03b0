package dev.platter.harness.junit;

import dev.platter.api.BlockNode;
import dev.platter.api.HostBacked;
import dev.platter.api.driver.BlockDriverProvider;
import dev.platter.api.driver.DriverLookup;
import dev.platter.api.driver.ProtocolDriverProvider;
import dev.platter.api.driver.ProtocolOpening;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValues;
import dev.platter.graph.DriverRegistry;
import dev.platter.tck.fake.FaultyFile;
import dev.platter.tck.fake.FaultyNode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.RecordingNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The driver of host files, with a place for faults over each file that it opens, and perhaps a log
 * of what is done to it.
 */
final class FaultyFiles implements ProtocolDriverProvider {
  private static final String FILE = "file";

  private final ProtocolDriverProvider files;
  private final boolean recording;
  private final Map<Path, FaultyNode> lastOpened = new ConcurrentHashMap<>();
  private final Map<Path, Recording> recordings = new ConcurrentHashMap<>();

  /**
   * What is done to a file.
   *
   * @param before its contents when it was opened
   */
  record Recording(MemoryNode before, RecordingNode log) {}

  private FaultyFiles(ProtocolDriverProvider files, boolean recording) {
    this.files = files;
    this.recording = recording;
  }

  /**
   * The place for faults over the host files that one of {@code drivers} opens.
   *
   * @param recording whether to log what is done to them; they must fit into memory
   */
  static FaultyFiles over(DriverLookup drivers, boolean recording) {
    if (drivers.find(FILE).orElseThrow() instanceof ProtocolDriverProvider files) {
      return new FaultyFiles(files, recording);
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
    BlockNode opened = files.open(opening);
    HostBacked host = (HostBacked) opened;
    FaultyFile file = new FaultyFile(recording ? recorded(opened, host.path()) : opened, host);
    lastOpened.put(file.path(), file);
    return file;
  }

  private BlockNode recorded(BlockNode file, Path path) throws IOException {
    MemoryNode before = MemoryNode.of(path.toString(), Files.readAllBytes(path));
    RecordingNode log = new RecordingNode(file);
    recordings.put(path, new Recording(before, log));
    return log;
  }

  /** What has been done to a file since it was opened last. */
  Recording recording(Path file) {
    return Optional.ofNullable(recordings.get(file)).orElseThrow();
  }

  /** Marks the logs of all files. */
  void mark(String text) {
    recordings.values().forEach(recorded -> recorded.log().mark(text));
  }

  @Override
  public void create(String fileName, long sizeBytes, OptionValues options) throws IOException {
    files.create(fileName, sizeBytes, options);
  }

  @Override
  public void delete(String fileName) throws IOException {
    files.delete(fileName);
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
