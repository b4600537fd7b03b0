package dev.platter.file;

import dev.platter.api.BlockNode;
import dev.platter.api.Permission;
import dev.platter.api.Permissions;
import dev.platter.api.Preallocation;
import dev.platter.api.driver.BlockEvent;
import dev.platter.api.driver.ProtocolDriverProvider;
import dev.platter.api.driver.ProtocolOpening;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.OptionException;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValues;
import dev.platter.api.spec.GenericOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * Protocol driver {@code file}: regular files and block devices of the host, and {@link
 * EmptyDevices}.
 */
public final class FileDriverProvider implements ProtocolDriverProvider {
  /** Who creates a file empties it: no other may be using it, be it only for reading. */
  private static final Permissions CREATION =
      new Permissions(
          Set.of(Permission.WRITE, Permission.RESIZE),
          Set.of(Permission.CONSISTENT_READ, Permission.WRITE_UNCHANGED));

  /** What the host has room for. */
  private static final long MAX_EXTENT_BYTES = 0xffff_ffffL;

  /** Created by {@link java.util.ServiceLoader}. */
  public FileDriverProvider() {}

  @Override
  public String name() {
    return "file";
  }

  @Override
  public String description() {
    return "The bytes of a host file or block device.";
  }

  @Override
  public OptionSchema options() {
    return FileOptions.SCHEMA;
  }

  @Override
  public OptionSchema createOptions() {
    return FileOptions.CREATE_SCHEMA;
  }

  /**
   * Opens a host file. It is not locked yet.
   *
   * @return a {@link dev.platter.api.LockableNode}, and a {@link dev.platter.api.GrowingNode} that
   *     is {@link dev.platter.api.HostBacked}. It frees the host's space for discards, unless the
   *     option {@code discard} is given and says otherwise: the node above decides what it passes
   *     on
   */
  @Override
  public BlockNode open(ProtocolOpening opening) throws IOException {
    OptionValues options = opening.options();
    OptionValues generic = opening.generic();
    requireNative(options, generic);
    requireDirect(options, generic);
    refuseReservations(options);
    String fileName = options.find(FileOptions.FILENAME).orElse("");
    FileAccess access =
        new FileAccess(
            fileName,
            pathOf(fileName),
            !generic.get(GenericOptions.READ_ONLY),
            generic.get(GenericOptions.CACHE_DIRECT),
            nativeCalls(options),
            options.get(FileOptions.AIO));
    if (options.get(FileOptions.LOCKING) == FileOptions.Locking.ON && !access.nativeCalls()) {
      throw new UnsupportedFeatureException("locking=on needs native=on, on Linux");
    }
    if (access.aio() != FileOptions.Aio.THREADS && !access.nativeCalls()) {
      throw new UnsupportedFeatureException(
          "aio=%s needs native=on, on Linux".formatted(access.aio().word()));
    }
    try {
      return open(opening, access);
    } catch (BlockIoException e) {
      if (generic.get(GenericOptions.AUTO_READ_ONLY)
          && access.writable()
          && forbidsWriting(e.errno())) {
        return open(opening, access.readOnly());
      }
      throw e;
    }
  }

  /** Refuses {@code native=off} where another option needs the C library. */
  private static void requireNative(OptionValues options, OptionValues generic)
      throws OptionException {
    boolean direct = generic.get(GenericOptions.CACHE_DIRECT);
    boolean locking = options.get(FileOptions.LOCKING) == FileOptions.Locking.ON;
    if ((direct || locking) && !options.given(FileOptions.NATIVE).orElse(true)) {
      String needed = direct ? GenericOptions.CACHE_DIRECT.name() : FileOptions.LOCKING.name();
      throw new OptionException(
          new OptionProblem(
              FileOptions.NATIVE.name(),
              "%s=on needs native=on, on Linux".formatted(needed),
              "off",
              "on",
              Optional.empty()));
    }
  }

  private static void refuseReservations(OptionValues options) throws OptionException {
    Optional<String> manager = options.given(FileOptions.PR_MANAGER);
    if (manager.isPresent()) {
      throw new OptionException(
          OptionProblem.of(
              FileOptions.PR_MANAGER.name(),
              "No persistent reservation manager with id '%s'".formatted(manager.get())));
    }
  }

  private static void requireDirect(OptionValues options, OptionValues generic)
      throws OptionException {
    if (options.get(FileOptions.AIO) == FileOptions.Aio.NATIVE
        && !generic.get(GenericOptions.CACHE_DIRECT)) {
      throw new OptionException(
          OptionProblem.of(
              FileOptions.AIO.name(),
              "aio=native was specified, but it requires cache.direct=on, which was not"
                  + " specified."));
    }
  }

  @Override
  public void create(String fileName, long sizeBytes, OptionValues options) throws IOException {
    FileAccess access =
        new FileAccess(
            fileName,
            pathOf(fileName),
            true,
            false,
            HostPlatform.hasNativeCalls(),
            FileOptions.Aio.THREADS);
    Preallocation preallocation = options.get(FileOptions.PREALLOCATION);
    Growth.requirePossible(0, sizeBytes, preallocation);
    long extentBytes = extentBytes(options);
    try (OpenFile file = access.create()) {
      // Before anything is cut off: somebody may be using it.
      new ImageLock(fileName, file.locks(), false, warning -> {}).set(CREATION);
      file.truncate(0);
      if (options.get(FileOptions.NOCOW)) {
        file.turnOffCopyOnWrite();
      }
      file.hintExtentSize(extentBytes);
      Growth.resize(file, 0, sizeBytes, preallocation);
    }
  }

  private static long extentBytes(OptionValues options) throws OptionException {
    long extentBytes = options.get(FileOptions.EXTENT_SIZE_HINT);
    if (Long.compareUnsigned(extentBytes, MAX_EXTENT_BYTES) > 0) {
      throw new OptionException(
          OptionProblem.of(FileOptions.EXTENT_SIZE_HINT.name(), "Extent size hint is too large"));
    }
    return extentBytes;
  }

  /** {@inheritDoc} Devices and symbolic links stay. */
  @Override
  public void delete(String fileName) throws IOException {
    Path path = pathOf(fileName);
    if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
      Files.delete(path);
    }
  }

  private static BlockNode open(ProtocolOpening opening, FileAccess access) throws IOException {
    String nodeName = opening.nodeName();
    OptionValues generic = opening.generic();
    boolean unmap =
        generic.given(GenericOptions.DISCARD).map(GenericOptions.Discard::unmaps).orElse(true);
    boolean ignoreFlush = generic.get(GenericOptions.CACHE_NO_FLUSH);
    OpenFile file = access.open();
    boolean opened = false;
    try {
      Flusher flusher =
          ignoreFlush || !access.writable()
              ? Flusher.ignoring(nodeName, file)
              : Flusher.syncing(nodeName, file);
      ImageLock lock = lock(opening, access, file);
      BlockNode node =
          new HostFile(nodeName, access.path(), file, !access.writable(), flusher, unmap, lock);
      opened = true;
      return node;
    } finally {
      if (!opened) {
        file.close();
      }
    }
  }

  private static ImageLock lock(ProtocolOpening opening, FileAccess access, OpenFile file) {
    FileOptions.Locking locking = opening.options().get(FileOptions.LOCKING);
    return new ImageLock(
        access.fileName(),
        locking == FileOptions.Locking.OFF ? ByteLocks.NONE : file.locks(),
        locking == FileOptions.Locking.ON,
        warning ->
            opening
                .environment()
                .events()
                .accept(new BlockEvent.Warning(opening.nodeName(), warning)));
  }

  private static boolean forbidsWriting(Errno errno) {
    return errno == Errno.EACCES || errno == Errno.EROFS || errno == Errno.EPERM;
  }

  private static boolean nativeCalls(OptionValues options) throws UnsupportedFeatureException {
    boolean possible = HostPlatform.hasNativeCalls();
    boolean wanted = options.find(FileOptions.NATIVE).orElse(possible);
    if (wanted && !possible) {
      throw new UnsupportedFeatureException(
          "native=on needs Linux on x86-64 or AArch64, and a JVM that grants native access"
              + " (--enable-native-access)");
    }
    return wanted;
  }

  private static Path pathOf(String fileName) throws OptionException, BlockIoException {
    if (fileName.isEmpty()) {
      throw new OptionException(
          OptionProblem.of(
              FileOptions.FILENAME.name(), "The 'file' block driver requires a file name"));
    }
    try {
      return Path.of(fileName);
    } catch (InvalidPathException e) {
      BlockIoException refusal = BlockIoException.opening(fileName, Errno.EINVAL);
      refusal.initCause(e);
      throw refusal;
    }
  }
}
