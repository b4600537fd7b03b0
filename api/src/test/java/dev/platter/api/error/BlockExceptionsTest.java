package dev.platter.api.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.option.OptionProblem;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BlockExceptionsTest {
  @Test
  void hostFailureNamesNodeOperationAndReason() {
    IOException cause = new IOException("why");
    assertThat(new BlockIoException("disk0", "write 512 bytes at 0x200", Errno.ENOSPC, cause))
        .hasMessage("disk0: write 512 bytes at 0x200: No space left on device")
        .hasCause(cause)
        .extracting(BlockIoException::errno)
        .isEqualTo(Errno.ENOSPC);
    assertThat(BlockIoException.opening("a.img", Errno.EACCES))
        .hasMessage("Could not open 'a.img': Permission denied");
    assertThat(BlockIoException.creating("a.img", Errno.EROFS))
        .hasMessage("Could not create 'a.img': Read-only file system");
  }

  @ParameterizedTest
  @EnumSource
  void errnoIsFoundByItsNumber(Errno errno) {
    assertThat(Errno.of(errno.code())).isEqualTo(errno);
    assertThat(errno.text()).isNotEmpty();
  }

  @Test
  void unknownErrnoIsAnInputOutputError() {
    assertThat(Errno.of(-1)).isEqualTo(Errno.EIO);
    assertThat(Errno.ENOSPC.outOfSpace()).isTrue();
    assertThat(Errno.EDQUOT.outOfSpace()).isTrue();
    assertThat(Errno.EIO.outOfSpace()).isFalse();
  }

  @Test
  void optionFailureHasAtLeastOneProblem() {
    OptionProblem problem = OptionProblem.of("size", "too small");
    assertThat(new OptionException(problem).problems()).containsExactly(problem);
    assertThat(problem.below("file.").key()).isEqualTo("file.size");
    assertThatThrownBy(() -> new OptionException(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
