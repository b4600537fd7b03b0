package dev.platter.api.error;

import java.io.IOException;

/**
 * A failure of the block layer. The message says what was done, where (hexadecimal offsets), what
 * was found and what is allowed; it is one line without a trailing full stop.
 *
 * <p>These are the only exceptions that an operation on a node throws besides those for a caller's
 * own mistakes ({@link NullPointerException}, {@link IllegalArgumentException}).
 */
public abstract sealed class BlockException extends IOException
    permits BlockIoException,
        CorruptImageException,
        ImageFormatException,
        ImageRefusedException,
        NodeBusyException,
        NodeClosedException,
        OptionException,
        OutOfRangeException,
        ReadOnlyNodeException,
        UnsupportedFeatureException {

  private static final long serialVersionUID = 1L;

  BlockException(String message) {
    super(message);
  }

  BlockException(String message, Throwable cause) {
    super(message, cause);
  }
}
