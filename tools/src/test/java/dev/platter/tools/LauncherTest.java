package dev.platter.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The script that starts the tools, with a JDK that only says how it was started. */
class LauncherTest {
  @TempDir private Path folder;

  @BeforeEach
  void makesAnInstallation() throws IOException {
    Path java = folder.resolve("jdk/bin/java");
    Files.createDirectories(java.getParent());
    Files.createDirectories(folder.resolve("tools/target"));
    Files.createFile(folder.resolve("tools/target/platter-tools.jar"));
    Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"25.0.1\"\n");
    Files.writeString(java, "#!/bin/sh\n. \"${0%/*}/../said\"\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    Files.copy(Path.of("..", "platter"), folder.resolve("platter"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "C", "POSIX", "de_DE.ISO-8859-1", "de_DE"})
  void namesAreUtf8InALocaleWithAnotherEncoding(String locale) throws Exception {
    assertThat(says("echo \"$LC_ALL\"", Map.of("LANG", locale))).isEqualTo("C.UTF-8\n");
    assertThat(says("echo \"$LC_ALL\"", Map.of("LANG", "C.UTF-8", "LC_CTYPE", locale)))
        .as("a variable that is empty does not count")
        .isEqualTo(locale.isEmpty() && !hasNeutralLocale() ? "\n" : "C.UTF-8\n");
  }

  @Test
  void aHostWithoutANeutralLocaleKeepsOneWithThisEncoding() throws Exception {
    String shown = says("echo \"$LC_ALL $LANG\"", Map.of("LANG", "xx_YY.utf8"));

    assertThat(shown).isEqualTo(hasNeutralLocale() ? "C.UTF-8 xx_YY.utf8\n" : " xx_YY.utf8\n");
  }

  @Test
  void aSignalThatAsksHowFarTheToolIsDoesNotEndIt() throws Exception {
    assertThat(says("kill -USR1 $$; echo alive", Map.of())).isEqualTo("alive\n");
  }

  private static boolean hasNeutralLocale() {
    return Files.isDirectory(Path.of("/usr/lib/locale/C.utf8"))
        || Files.isDirectory(Path.of("/usr/lib/locale/C.UTF-8"));
  }

  /** What the JDK says when a guest is started. */
  private String says(String script, Map<String, String> locale) throws Exception {
    Files.writeString(folder.resolve("jdk/said"), script + "\n");
    ProcessBuilder builder =
        new ProcessBuilder("sh", folder.resolve("platter").toString(), "guest", "--help");
    builder.environment().keySet().removeIf(name -> name.startsWith("LC_") || name.equals("LANG"));
    builder.environment().putAll(locale);
    builder.environment().put("PLATTER_JAVA_HOME", folder.resolve("jdk").toString());
    Process process = builder.redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return text;
  }
}
