package dev.platter.tools.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** {@code platter img} and {@code platter io} do and say what QEMU's programs do and say. */
class ToolTableTest {
  private static final List<String> TABLES =
      List.of(
          "img",
          "create",
          "file-options",
          "image-opts",
          "info",
          "map",
          "check",
          "convert",
          "dd",
          "measure",
          "compare",
          "resize",
          "snapshot",
          "commit",
          "rebase",
          "amend",
          "bench",
          "bitmap",
          "finds",
          "edges",
          "break",
          "io",
          "open",
          "quorum",
          "scripts");

  @Test
  void everyTableIsRun() throws Exception {
    Path tables = Path.of(ToolTable.class.getResource("io.txt").toURI()).getParent();
    try (Stream<Path> files = Files.list(tables)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .filteredOn(name -> name.endsWith(".txt"))
          .containsExactlyInAnyOrderElementsOf(TABLES.stream().map(name -> name + ".txt").toList());
    }
  }

  @TempDir Path folder;

  @TestFactory
  Stream<DynamicNode> platterDoesWhatTheTablesSay() {
    Program platter = new PlatterProgram();
    return TABLES.stream().map(table -> container(table, platter, true));
  }

  @TestFactory
  Stream<DynamicNode> qemuDoesWhatTheTablesSay() throws InterruptedException {
    assumeTrue(
        QemuProgram.isInstalled(),
        "qemu-img and qemu-io " + QemuProgram.RECORDED_VERSION + " are not installed");
    return TABLES.stream().map(table -> container(table, new QemuProgram(), false));
  }

  private DynamicNode container(String name, Program program, boolean ours) {
    try {
      Path own = Files.createDirectory(folder.resolve(name));
      return DynamicContainer.dynamicContainer(
          name, new TableRun(program, own).tests(ToolTable.read(name), ours));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
