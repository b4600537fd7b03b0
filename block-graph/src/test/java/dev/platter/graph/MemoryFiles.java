package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.Permission;
import dev.platter.api.Permissions;
import dev.platter.api.driver.ProtocolDriverProvider;
import dev.platter.api.driver.ProtocolOpening;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.NodeBusyException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValues;
import dev.platter.api.spec.GenericOptions;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/** A host's files, in memory: protocol driver {@code file} of these tests. */
final class MemoryFiles implements ProtocolDriverProvider {
  private static final Option<String> FILE_NAME = Option.text("filename").build();

  private final Map<String, MemoryNode> files = new ConcurrentHashMap<>();
  private final Map<String, UnaryOperator<BlockNode>> wrappers = new ConcurrentHashMap<>();
  private final Map<String, Errno> readOnlyFiles = new ConcurrentHashMap<>();
  private final List<String> openFiles = new ArrayList<>();
  private final List<OptionValues> openings = new ArrayList<>();
  private final Map<String, Permissions> locks = new HashMap<>();
  private final List<String> lockLog = new ArrayList<>();
  private final Map<String, Permission> withheld = new HashMap<>();

  /** A file with these bytes. */
  void put(String fileName, byte[] bytes) {
    files.put(fileName, MemoryNode.of(fileName, bytes));
  }

  /** The bytes of a file. */
  MemoryNode get(String fileName) {
    return files.get(fileName);
  }

  /** Puts something between a file's bytes and whoever opens it from now on. */
  void wrap(String fileName, UnaryOperator<BlockNode> wrapper) {
    wrappers.put(fileName, wrapper);
  }

  /** Makes every attempt to open a file for writing fail. */
  void refuseWriting(String fileName, Errno errno) {
    readOnlyFiles.put(fileName, errno);
  }

  /** The names of the files that are open, in the order in which they were opened. */
  synchronized List<String> openFiles() {
    return List.copyOf(openFiles);
  }

  /** The options with which files were opened, oldest first. */
  synchronized List<OptionValues> openings() {
    return List.copyOf(openings);
  }

  /** What a file is locked for now. */
  synchronized Permissions lockOf(String fileName) {
    return locks.get(fileName);
  }

  /** The names of the files whose locks have changed, in order, since the last call. */
  synchronized List<String> takeLockLog() {
    List<String> log = List.copyOf(lockLog);
    lockLog.clear();
    return log;
  }

  /** Another process does not share this permission for a file. */
  synchronized void withhold(String fileName, Permission permission) {
    withheld.put(fileName, permission);
  }

  @Override
  public String name() {
    return "file";
  }

  @Override
  public String description() {
    return "Files in memory.";
  }

  @Override
  public OptionSchema options() {
    return OptionSchema.of(FILE_NAME);
  }

  @Override
  public synchronized BlockNode open(ProtocolOpening opening) throws IOException {
    String fileName = opening.options().find(FILE_NAME).orElseThrow();
    MemoryNode stored = files.get(Path.of(fileName).normalize().toString());
    if (stored == null) {
      throw BlockIoException.opening(fileName, Errno.ENOENT);
    }
    boolean readOnly = opening.generic().get(GenericOptions.READ_ONLY);
    Errno refusal = readOnlyFiles.get(fileName);
    if (refusal != null && !readOnly) {
      throw BlockIoException.opening(fileName, refusal);
    }
    BlockNode bytes =
        wrappers
            .getOrDefault(fileName, UnaryOperator.identity())
            .apply(readOnly ? stored.reopenReadOnly() : stored.reopen());
    openings.add(opening.generic());
    openFiles.add(fileName);
    return new MemoryFile(
        opening.nodeName(),
        Path.of(fileName),
        bytes,
        () -> closed(fileName),
        permissions -> lock(fileName, permissions));
  }

  @Override
  public void create(String fileName, long sizeBytes, OptionValues options) {
    files.put(fileName, new MemoryNode(fileName, sizeBytes));
  }

  @Override
  public void delete(String fileName) {
    files.remove(fileName);
  }

  private synchronized void lock(String fileName, Permissions permissions) throws IOException {
    Permission refused = withheld.get(fileName);
    if (refused != null && permissions.held().contains(refused)) {
      throw NodeBusyException.withheld(refused, fileName);
    }
    locks.put(fileName, permissions);
    lockLog.add(fileName);
  }

  private synchronized void closed(String fileName) {
    openFiles.remove(fileName);
  }
}
