package dev.platter.tools.image;

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
import dev.platter.tools.CommandFailure;
import java.io.IOException;
import java.util.regex.Pattern;

/** Failures of the block layer in the words of QEMU's programs. */
public final class ErrorText {
  /** Names that the graph gives to nodes that have none; they say nothing to a user. */
  private static final Pattern GENERATED_NAME = Pattern.compile("^#block\\d+: ");

  /** An image's name before what its header says of itself, which follows that name already. */
  private static final Pattern IMAGE_NAME =
      Pattern.compile("^.*: (?=Unsupported qcow2 |Can't resize |The new size )");

  /** What is said below a refusal that ends with {@link #NO_SIZE}. */
  private static final String SIZE_HINT =
      """
      Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-
      and exabytes, respectively.
      """;

  private static final String NO_SIZE = "expects a non-negative number below 2^64";

  /** What a refusal because of a bitmap ends with, and what is said below it. */
  private static final String INCONSISTENT = "is inconsistent and cannot be used";

  private static final String INCONSISTENT_HINT =
      "Try block-dirty-bitmap-remove to delete this bitmap from disk\n";

  private static final String READ_ONLY = "Block node is read-only";

  private ErrorText() {}

  /**
   * What went wrong, for failures that have much to say: to open, create, resize or check.
   *
   * <p>QEMU's programs name the image once, in front. So it is taken off what the format says.
   */
  public static String of(IOException failure) {
    String message = String.valueOf(failure.getMessage());
    if (failure.getCause() instanceof BlockException cause
        && message.endsWith(cause.getMessage())) {
      String context = message.substring(0, message.length() - cause.getMessage().length());
      return context + of(cause);
    }
    return switch (failure) {
      case ImageFormatException format -> format.reason();
      case CorruptImageException corrupt -> corrupt.reason();
      case OptionException option -> option.problems().getFirst().message();
      case ReadOnlyNodeException _ -> READ_ONLY;
      case NodeBusyException busy -> busy.reason();
      case UnsupportedFeatureException _ ->
          withoutGeneratedName(IMAGE_NAME.matcher(message).replaceFirst(""));
      default -> withoutGeneratedName(message);
    };
  }

  private static String withoutGeneratedName(String message) {
    return GENERATED_NAME.matcher(message).replaceFirst("");
  }

  /** A line that QEMU's programs put below what {@link #of} says; empty for most failures. */
  public static String hint(IOException failure) {
    String hint =
        switch (failure) {
          case NodeBusyException busy -> busy.hint();
          case ImageFormatException format -> format.hint();
          case OptionException option
              when option.problems().getFirst().message().endsWith(NO_SIZE) ->
              SIZE_HINT;
          case OptionException option
              when option.problems().getFirst().message().endsWith(INCONSISTENT) ->
              INCONSISTENT_HINT;
          default -> "";
        };
    return hint.isEmpty() ? "" : hint.stripTrailing() + "\n";
  }

  /** The failure of a command: {@code context}, what went wrong, and the hint if there is one. */
  public static CommandFailure failure(String context, IOException failure) {
    return new CommandFailure(context + of(failure)).withHint(hint(failure)).causedBy(failure);
  }

  /** What went wrong, for a request to an open image: a text of the C library. */
  public static String ofRequest(IOException failure) {
    return errno(failure).text();
  }

  /** The error code that the failure has for those who know only codes. */
  public static Errno errno(IOException failure) {
    if (!(failure instanceof BlockException block)) {
      return Errno.EIO;
    }
    return switch (block) {
      case BlockIoException io -> io.errno();
      case CorruptImageException corrupt -> Errno.EIO;
      case OutOfRangeException range -> Errno.EIO;
      case ImageFormatException format -> Errno.EINVAL;
      case OptionException option -> Errno.EINVAL;
      case ImageRefusedException refused -> Errno.EPERM;
      case ReadOnlyNodeException readOnly -> Errno.EPERM;
      case NodeBusyException busy -> Errno.EBUSY;
      case NodeClosedException closed -> Errno.ENODEV;
      case UnsupportedFeatureException unsupported -> Errno.ENOTSUP;
    };
  }
}
