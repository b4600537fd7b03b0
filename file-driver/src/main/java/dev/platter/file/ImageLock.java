package dev.platter.file;

import dev.platter.api.Permission;
import dev.platter.api.Permissions;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.NodeBusyException;
import dev.platter.api.error.UnsupportedFeatureException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * The locks by which processes that use one image keep out of each other's way: QEMU's, byte for
 * byte, so that a running QEMU and this library exclude each other.
 *
 * <p>Byte 100 + i is locked for permission i that is held, byte 200 + i for permission i that is
 * not shared; i is the permission's index. All locks are shared ones, so that any number of
 * processes may hold the same permission. Conflicts are found by looking for locks of others on the
 * opposite byte.
 *
 * <ul>
 *   <li>I1: a byte is locked before the opposite bytes are looked at. Of two processes that do so
 *       at once, at least one sees the other.
 *   <li>I2: {@code locked} is what the host has granted. A change that fails leaves it as it was.
 *   <li>I3: what is no longer needed is let go only after everything new has been granted.
 * </ul>
 *
 * <p>Closing the file lets go of all, as does the end of the process, however it comes.
 */
final class ImageLock {
  private static final int HELD_BASE = 100;
  private static final int WITHHELD_BASE = 200;

  /** What a file system answers that has no locks: ENOLCK, ENOSYS, EOPNOTSUPP, EINVAL. */
  private static final Set<Integer> NO_LOCKS = Set.of(37, 38, Errno.ENOTSUP.code(), 22);

  /** What the host answers if another one has locked the byte exclusively. */
  private static final Set<Integer> TAKEN = Set.of(Errno.EAGAIN.code(), Errno.EACCES.code());

  private final String fileName;
  private final boolean required;
  private final Consumer<String> warnings;
  private final Set<Integer> locked = new TreeSet<>();
  private ByteLocks locks;

  /**
   * @param fileName the file's name, for messages
   * @param required whether it is an error if the file system has no locks; else it is a warning
   */
  ImageLock(String fileName, ByteLocks locks, boolean required, Consumer<String> warnings) {
    this.fileName = fileName;
    this.locks = locks;
    this.required = required;
    this.warnings = warnings;
  }

  /** Whether nothing has been locked yet. */
  synchronized boolean fresh() {
    return locked.isEmpty();
  }

  /**
   * Locks what these permissions ask for, and only that.
   *
   * @throws NodeBusyException if somebody else's permissions contradict; all is as it was
   * @throws UnsupportedFeatureException if locks are required and the file system has none
   */
  synchronized void set(Permissions permissions) throws IOException {
    List<Integer> wanted = bytes(permissions);
    List<Integer> added = new ArrayList<>();
    boolean granted = false;
    try {
      if (!locked.containsAll(wanted)) {
        lockNew(wanted, added);
        requireNoConflict(permissions); // I1
      }
      granted = true;
    } finally {
      release(granted ? surplus(wanted) : added); // I2, I3
    }
  }

  /** Lets go of all. */
  synchronized void release() {
    release(List.copyOf(locked));
  }

  private void lockNew(List<Integer> wanted, List<Integer> added) throws IOException {
    for (int offset : wanted) {
      if (locked.contains(offset)) {
        continue;
      }
      int result = locks.set(offset, true);
      if (TAKEN.contains(-result)) {
        throw NodeBusyException.inUse("Failed to lock byte " + offset, fileName);
      }
      if (NO_LOCKS.contains(-result)) {
        doWithout(Errno.of(-result), -result);
      } else if (result < 0) {
        throw new BlockIoException(fileName, "lock byte " + offset, Errno.of(-result));
      }
      locked.add(offset);
      added.add(offset);
    }
  }

  /** Goes on as if every lock were granted, unless locks are required. */
  private void doWithout(Errno errno, int code) throws UnsupportedFeatureException {
    String why =
        "'%s': the file system has no locks (%s)"
            .formatted(fileName, errno.code() == code ? errno.text() : "error " + code);
    if (required) {
      throw new UnsupportedFeatureException(why + "; locking=off opens it without");
    }
    warnings.accept(why + "; it is used without");
    locks = ByteLocks.NONE;
  }

  private void requireNoConflict(Permissions permissions) throws IOException {
    for (Permission permission : Permission.values()) {
      if (permissions.held().contains(permission)
          && heldElsewhere(WITHHELD_BASE + permission.index())) {
        throw NodeBusyException.withheld(permission, fileName);
      }
    }
    for (Permission permission : Permission.values()) {
      if (!permissions.shared().contains(permission)
          && heldElsewhere(HELD_BASE + permission.index())) {
        throw NodeBusyException.exercised(permission, fileName);
      }
    }
  }

  private boolean heldElsewhere(int offset) throws BlockIoException {
    int result = locks.heldElsewhere(offset);
    if (result < 0) {
      throw new BlockIoException(fileName, "look at lock of byte " + offset, Errno.of(-result));
    }
    return result > 0;
  }

  private List<Integer> surplus(List<Integer> wanted) {
    return locked.stream().filter(offset -> !wanted.contains(offset)).toList();
  }

  private void release(List<Integer> offsets) {
    for (int offset : offsets) {
      // Letting go can fail only where the host loses track of locks; there is no more to be done.
      locks.set(offset, false);
      locked.remove(offset);
    }
  }

  private static List<Integer> bytes(Permissions permissions) {
    List<Integer> bytes = new ArrayList<>();
    for (Permission permission : Permission.values()) {
      if (permissions.held().contains(permission)) {
        bytes.add(HELD_BASE + permission.index());
      }
    }
    for (Permission permission : Permission.values()) {
      if (!permissions.shared().contains(permission)) {
        bytes.add(WITHHELD_BASE + permission.index());
      }
    }
    return bytes;
  }
}
