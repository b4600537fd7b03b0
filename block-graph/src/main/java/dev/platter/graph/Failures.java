package dev.platter.graph;

import dev.platter.api.error.BlockException;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.CorruptImageException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.ImageFormatException;
import dev.platter.api.error.ImageRefusedException;
import dev.platter.api.error.NodeBusyException;
import dev.platter.api.error.NodeClosedException;
import dev.platter.api.error.OptionException;
import dev.platter.api.error.OutOfRangeException;
import dev.platter.api.error.ReadOnlyNodeException;
import dev.platter.api.error.UnsupportedFeatureException;
import java.io.IOException;
import java.util.List;

/** Failures of several steps, and failures with a word on where they happened. */
final class Failures {
  private Failures() {}

  /** Throws the first failure, if there is one, with the others suppressed. */
  static void throwFirst(List<IOException> failures) throws IOException {
    if (failures.isEmpty()) {
      return;
    }
    IOException first = failures.getFirst();
    failures.stream().skip(1).forEach(first::addSuppressed);
    throw first;
  }

  /** A failure of the same kind whose message begins with {@code prefix}. */
  static IOException prefixed(String prefix, IOException failure) {
    if (!(failure instanceof BlockException block)) {
      return new IOException(prefix + ": " + failure.getMessage(), failure);
    }
    String message = failure.getMessage();
    String whole = prefix + ": " + message;
    return switch (block) {
      case BlockIoException io -> ioFailure(prefix, io);
      case OptionException option -> because(optionFailure(prefix, option), option);
      case CorruptImageException corrupt ->
          because(new CorruptImageException(prefix, message), corrupt);
      case ImageFormatException format ->
          because(new ImageFormatException(prefix, message), format);
      case ImageRefusedException refused -> because(new ImageRefusedException(whole), refused);
      case NodeBusyException busy -> busy.prefixed(prefix);
      case UnsupportedFeatureException unsupported ->
          because(new UnsupportedFeatureException(whole), unsupported);
      case NodeClosedException closed -> closed;
      case OutOfRangeException range -> range;
      case ReadOnlyNodeException readOnly -> readOnly;
    };
  }

  private static IOException because(IOException failure, IOException cause) {
    failure.initCause(cause);
    return failure;
  }

  private static IOException ioFailure(String prefix, BlockIoException failure) {
    Errno errno = failure.errno();
    String message = failure.getMessage();
    String end = ": " + errno.text();
    String what =
        message.endsWith(end) ? message.substring(0, message.length() - end.length()) : message;
    return new BlockIoException(prefix, what, errno, failure);
  }

  private static IOException optionFailure(String prefix, OptionException failure) {
    return new OptionException(
        failure.problems().stream().map(problem -> problem.prefixed(prefix + ": ")).toList());
  }
}
