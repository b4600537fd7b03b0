package dev.platter.file;

import static dev.platter.api.Permission.CONSISTENT_READ;
import static dev.platter.api.Permission.RESIZE;
import static dev.platter.api.Permission.WRITE;
import static dev.platter.api.Permission.WRITE_UNCHANGED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.Permission;
import dev.platter.api.Permissions;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.NodeBusyException;
import dev.platter.api.error.UnsupportedFeatureException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageLockTest {
  private static final int ENOLCK = 37;

  private static final Permissions READER =
      Permissions.NONE.holding(CONSISTENT_READ).sharing(CONSISTENT_READ, WRITE_UNCHANGED);
  private static final Permissions WRITER = READER.holding(WRITE, RESIZE);

  private final LockTable table = new LockTable();
  private final List<String> warnings = new ArrayList<>();

  @Test
  void writerLocksTheBytesThatQemuLocksInItsOrder() throws IOException {
    lock().set(WRITER);
    assertThat(table.takeLog()).isEqualTo("+100 +101 +103 +201 +203 ?200 ?201 ?203 ?101 ?103");
  }

  @Test
  void readerLocksTheBytesThatQemuLocksInItsOrder() throws IOException {
    lock().set(READER);
    assertThat(table.takeLog()).isEqualTo("+100 +201 +203 ?200 ?101 ?103");
  }

  @Test
  void whoSharesEverythingLocksWhatItHoldsOnly() throws IOException {
    lock().set(READER.sharingAll());
    assertThat(table.takeLog()).isEqualTo("+100 ?200");
  }

  @Test
  void readersStandEachOther() throws IOException {
    lock().set(READER);
    lock().set(READER);
    lock().set(READER.sharingAll());
    assertThat(table.locked()).containsExactlyInAnyOrder(100L, 201L, 203L);
  }

  @Test
  void writerIsRefusedBesideReader() throws IOException {
    lock().set(READER);
    assertThatThrownBy(() -> lock().set(WRITER))
        .isInstanceOf(NodeBusyException.class)
        .hasMessage("Failed to get \"write\" lock. Is another process using the image [disk]?");
    assertThat(table.locked()).containsExactlyInAnyOrder(100L, 201L, 203L);
  }

  @Test
  void readerIsRefusedBesideWriterUnlessItSharesEverything() throws IOException {
    lock().set(WRITER);
    assertThatThrownBy(() -> lock().set(READER))
        .isInstanceOfSatisfying(
            NodeBusyException.class,
            busy -> {
              assertThat(busy.reason()).isEqualTo("Failed to get shared \"write\" lock");
              assertThat(busy.hint()).isEqualTo("Is another process using the image [disk]?");
            });
    lock().set(READER.sharingAll());
  }

  @ParameterizedTest
  @EnumSource
  void everyPermissionCanBeWithheld(Permission permission) throws IOException {
    lock().set(Permissions.NONE.withholding(permission));
    assertThat(table.locked()).containsExactly(200L + permission.index());
    assertThatThrownBy(() -> lock().set(Permissions.NONE.holding(permission)))
        .hasMessageStartingWith("Failed to get \"%s\" lock", permission.words());
    ImageLock other = lock();
    other.set(Permissions.NONE.withholding(permission));
    other.release();
    assertThat(table.locked()).containsExactly(200L + permission.index());
  }

  @Test
  void whatIsNoLongerHeldIsLetGo() throws IOException {
    ImageLock lock = lock();
    lock.set(WRITER);
    table.takeLog();
    lock.set(READER);
    assertThat(table.takeLog()).as("nothing new is asked for").isEqualTo("-101 -103");
    lock().set(READER);
  }

  @Test
  void failedChangeLeavesTheLocksAsTheyWere() throws IOException {
    ImageLock lock = lock();
    lock.set(READER);
    lock().set(READER);
    assertThatThrownBy(() -> lock.set(WRITER)).isInstanceOf(NodeBusyException.class);
    table.takeLog();
    lock.set(READER);
    assertThat(table.takeLog()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {ENOLCK, 38, 95, 22})
  void fileSystemWithoutLocksIsUsedWithAWarning(int errno) throws IOException {
    table.refuse(errno);
    lock().set(WRITER);
    lock().set(WRITER);
    assertThat(warnings)
        .hasSize(2)
        .allSatisfy(
            warning -> assertThat(warning).startsWith("'disk': the file system has no locks ("));
  }

  @Test
  void fileSystemWithoutLocksIsRefusedIfLocksAreRequired() {
    table.refuse(ENOLCK);
    ImageLock lock = new ImageLock("disk", table.open(), true, warnings::add);
    assertThatThrownBy(() -> lock.set(WRITER))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessage(
            "'disk': the file system has no locks (error 37); locking=off opens it without");
    assertThat(warnings).isEmpty();
  }

  @Test
  void exclusiveLockOfAnotherProgramIsRespected() {
    table.refuse(Errno.EAGAIN.code());
    assertThatThrownBy(() -> lock().set(READER))
        .isInstanceOf(NodeBusyException.class)
        .hasMessage("Failed to lock byte 100. Is another process using the image [disk]?");
    assertThat(table.locked()).isEmpty();
  }

  @Test
  void failureOfTheHostIsNoRefusal() {
    table.refuse(Errno.EIO.code());
    assertThatThrownBy(() -> lock().set(READER))
        .isInstanceOf(BlockIoException.class)
        .hasMessage("disk: lock byte 100: Input/output error");
  }

  private ImageLock lock() {
    return new ImageLock("disk", table.open(), false, warnings::add);
  }
}
