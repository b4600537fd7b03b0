package dev.platter.graph;

import dev.platter.api.driver.OpenGate;
import dev.platter.api.error.ImageRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/** The gates there are. */
public final class Gates {
  private static final String BACKING = "backing";
  private static final String DATA_FILE = "data-file";

  private Gates() {}

  /**
   * Lets an image name a backing file by a plain path, absolute or relative. Refuses protocols,
   * {@code json:} and every other role: a data file is written to, and could be any file of the
   * host.
   */
  public static OpenGate defaultGate() {
    return open -> {
      requirePlainPath(open);
      requireBacking(open);
    };
  }

  /**
   * Like the default gate, and an image may name a data file that lies in its own folder, symbolic
   * links followed: for folders in which nobody else's files lie.
   */
  public static OpenGate beside() {
    return open -> {
      requirePlainPath(open);
      if (open.role().equals(DATA_FILE)) {
        requireBeside(open);
      } else {
        requireBacking(open);
      }
    };
  }

  /**
   * Like the default gate, and the backing file must lie in one of these folders, symbolic links
   * followed. Without folders, every file that an image names is refused.
   *
   * @param allowed existing folders; relative ones are taken from the current folder
   */
  public static OpenGate strict(List<Path> allowed) {
    List<Path> folders = List.copyOf(allowed);
    return open -> {
      requireBacking(open);
      requirePlainPath(open);
      requireWithin(folders, open);
    };
  }

  /** Lets everything be opened: for images that are trusted as the caller's own files are. */
  public static OpenGate off() {
    return open -> {};
  }

  private static void requireBacking(OpenGate.ImplicitOpen open) throws ImageRefusedException {
    if (!open.role().equals(BACKING)) {
      throw refusal(open, "files of this role are not opened for an image");
    }
  }

  private static void requirePlainPath(OpenGate.ImplicitOpen open) throws ImageRefusedException {
    if (FileNames.protocol(open.name()).isPresent()) {
      throw refusal(open, "it is not a plain path");
    }
  }

  private static void requireBeside(OpenGate.ImplicitOpen open) throws ImageRefusedException {
    if (open.imageFile().isEmpty() || !isBeside(open.imageFile().get(), open.resolved())) {
      throw refusal(open, "it does not lie in the image's folder");
    }
  }

  /** Does not tell what cannot be found from what must not be. */
  private static boolean isBeside(Path imageFile, String name) {
    try {
      Path folder = imageFile.toAbsolutePath().getParent().toRealPath();
      Path named = Path.of(name).toAbsolutePath();
      Path real =
          Files.exists(named, LinkOption.NOFOLLOW_LINKS)
              ? named.toRealPath()
              : named.getParent().toRealPath().resolve(named.getFileName()); // opening it fails
      return folder.equals(real.getParent());
    } catch (IOException e) {
      return false;
    }
  }

  private static void requireWithin(List<Path> folders, OpenGate.ImplicitOpen open)
      throws ImageRefusedException {
    try {
      Path real = Path.of(open.resolved()).toRealPath();
      for (Path folder : folders) {
        if (real.startsWith(folder.toRealPath())) {
          return;
        }
      }
    } catch (IOException e) {
      throw refusal(open, "it cannot be found: " + e.getMessage());
    }
    throw refusal(open, "it lies outside the allowed folders");
  }

  private static ImageRefusedException refusal(OpenGate.ImplicitOpen open, String why) {
    return new ImageRefusedException(
        "%s: image names another file '%s' as its %s, and %s; allow it explicitly with %s.%s"
            .formatted(
                open.imageName(),
                open.name(),
                open.role(),
                why,
                open.role(),
                open.role().equals(BACKING) ? "file.filename=..." : "filename=..."));
  }
}
