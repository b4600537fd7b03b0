import com.google.googlejavaformat.java.Main;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks or rewrites every Java source below the working directory with google-java-format. The
 * build runs it from source, on the JDK 25 it found, because the formatter must parse the language
 * of that JDK.
 *
 * <p>A stamp in {@code target} remembers when all sources were last found in order, so that a check
 * reads only what is newer.
 */
final class Format {
  private static final Path STAMP = Path.of("target", "format", "checked");

  public static void main(String[] args) throws Exception {
    boolean apply = args[0].equals("apply");
    FileTime started = FileTime.fromMillis(System.currentTimeMillis());
    List<String> sources = sourcesNewerThan(lastCheck());
    if (!sources.isEmpty() && run(apply, sources) != 0) {
      System.err.println(
          "These sources are not in the project's format. Run .ci/format to rewrite them.");
      System.exit(1);
    }
    Files.createDirectories(STAMP.getParent());
    Files.write(STAMP, new byte[0]);
    Files.setLastModifiedTime(STAMP, started);
  }

  private static FileTime lastCheck() throws IOException {
    return Files.exists(STAMP) ? Files.getLastModifiedTime(STAMP) : FileTime.fromMillis(0);
  }

  private static List<String> sourcesNewerThan(FileTime time) throws IOException {
    List<String> sources = new ArrayList<>();
    Files.walkFileTree(
        Path.of(""),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
            String name = dir.getFileName().toString();
            boolean skipped = name.equals("target") || name.equals(".git");
            return skipped ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            boolean newer = attributes.lastModifiedTime().compareTo(time) >= 0;
            if (newer && file.toString().endsWith(".java")) {
              sources.add(file.toString());
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return sources;
  }

  private static int run(boolean apply, List<String> sources) throws Exception {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(apply ? List.of("--replace") : List.of("--dry-run", "--set-exit-if-changed"));
    arguments.addAll(sources);
    PrintWriter out = new PrintWriter(System.out, true);
    PrintWriter err = new PrintWriter(System.err, true);
    return new Main(out, err, InputStream.nullInputStream())
        .format(arguments.toArray(String[]::new));
  }
}
