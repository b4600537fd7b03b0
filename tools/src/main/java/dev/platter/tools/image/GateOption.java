package dev.platter.tools.image;

import dev.platter.api.driver.OpenGate;
import dev.platter.api.error.ImageRefusedException;
import dev.platter.api.option.Suggestions;
import dev.platter.graph.Gates;
import dev.platter.tools.CommandFailure;
import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * The option {@code --gate}: which files may be opened because an image names them. Without it, the
 * site's key {@code gate} holds.
 */
public final class GateOption {
  /** Its name, without dashes. */
  public static final String NAME = "gate";

  private static final String STRICT = "strict";
  private static final String DATA_FILE = "data-file";
  private static final List<String> WORDS = List.of("default", "beside", STRICT, "off");

  private GateOption() {}

  /**
   * The gate that was asked for.
   *
   * @param value what was given: {@code default}, {@code beside}, {@code off}, {@code strict},
   *     which lets no file be opened, or {@code strict=DIR:DIR}, with folders separated as in the
   *     PATH
   * @throws CommandFailure if it is none of these
   */
  public static OpenGate gate(String value) throws CommandFailure {
    return explained(parse(value));
  }

  private static OpenGate parse(String value) throws CommandFailure {
    int equals = value.indexOf('=');
    String word = equals < 0 ? value : value.substring(0, equals);
    if (equals >= 0 && !word.equals(STRICT)) {
      throw refusal(value, word);
    }
    return switch (word) {
      case "default" -> Gates.defaultGate();
      case "beside" -> Gates.beside();
      case "off" -> Gates.off();
      case STRICT -> Gates.strict(equals < 0 ? List.of() : folders(value.substring(equals + 1)));
      default -> throw refusal(value, word);
    };
  }

  private static List<Path> folders(String list) {
    return Arrays.stream(list.split(File.pathSeparator))
        .filter(folder -> !folder.isEmpty())
        .map(Path::of)
        .toList();
  }

  private static CommandFailure refusal(String value, String word) {
    return new CommandFailure(
        "--gate does not take '%s', but default, beside, off, strict or strict=DIR%sDIR%s"
            .formatted(
                value,
                File.pathSeparator,
                Suggestions.nearest(word, WORDS)
                    .map(near -> "; did you mean '" + near + "'?")
                    .orElse("")));
  }

  private static String remedy(OpenGate.ImplicitOpen open) {
    return open.role().equals(DATA_FILE)
        ? "with --gate beside if it lies in the image's folder, where nobody else's files are, or"
            + " trust the image with --gate off"
        : "or trust the image with --gate off";
  }

  /** Adds to what a gate refuses how to go on from a command line. */
  public static OpenGate explained(OpenGate gate) {
    return open -> {
      try {
        gate.check(open);
      } catch (ImageRefusedException e) {
        ImageRefusedException explained =
            new ImageRefusedException(e.getMessage() + " in an option string, " + remedy(open));
        explained.initCause(e.getCause());
        throw explained;
      }
    };
  }
}
