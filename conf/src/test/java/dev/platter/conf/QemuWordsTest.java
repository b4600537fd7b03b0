package dev.platter.conf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.platter.graph.BlockGraph;
import dev.platter.graph.CreateRequest;
import dev.platter.graph.DriverRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Refusals of {@code --image-opts} are in the words of {@code qemu-img}. */
class QemuWordsTest {
  private final DriverRegistry drivers = DriverRegistry.discover();
  @TempDir Path folder;

  @BeforeAll
  static void requireQemu() throws Exception {
    boolean installed;
    try {
      installed = new ProcessBuilder("qemu-img", "--version").start().waitFor() == 0;
    } catch (IOException e) {
      installed = false;
    }
    assumeTrue(installed, "qemu-img is not installed");
  }

  @BeforeEach
  void createImage() throws IOException {
    try (BlockGraph graph = BlockGraph.builder(drivers).build()) {
      graph.create(CreateRequest.of("qcow2", folder.resolve("a.qcow2").toString(), 1 << 20));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "driver=qcow2,file.filename=a.qcow2,l2-cahe-size=1M",
        "driver=qcow2,file.filename=a.qcow2,=3",
        "driver=qcow2,file.filename=a.qcow2,l2-cache-size=1.5",
        "driver=qcow2,file.filename=a.qcow2,l2-cache-size=1MiB",
        "driver=qcow2,file.filename=a.qcow2,l2-cache-size=-1",
        "driver=qcow2,file.filename=a.qcow2,l2-cache-size=16E",
        "driver=qcow2,file.filename=a.qcow2,cache-clean-interval=x",
        "driver=qcow2,file.filename=a.qcow2,lazy-refcounts=maybe",
        "driver=qcow2,file.filename=a.qcow2,read-only=ON",
        "driver=qcow2,file.filename=a.qcow2,cache.direct=perhaps",
        "driver=qcow2,file.filename=a.qcow2,force-share=maybe",
        "driver=qcow2,file.filename=a.qcow2,discard=foo",
        "driver=qcow2,file.filename=a.qcow2,detect-zeroes=foo",
        "driver=qcow2,file.filename=a.qcow2,file.foo=1",
        "driver=qcow2,file.filename=a.qcow2,file.bar",
        "driver=qcow3,file.filename=a.qcow2",
        "driver=raw,file.filename=a.qcow2,offset=x",
        "driver=qcow2",
        "l2-cache-size=1M",
        "filename=a.qcow2",
        "driver=qcow2,file=n0,file.driver=file",
        "driver=qcow2,file.filename=a.qcow2,node-name=1bad",
        "driver=qcow2,file.filename=a.qcow2,node-name=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      })
  void refusalIsInWordsOfQemu(String text) throws Exception {
    DriveSyntaxException refusal =
        catchThrowableOfType(
            DriveSyntaxException.class, () -> new DriveParser(drivers).parseImageOpts(text));
    assertThat(refusal).as("our refusal of %s", text).isNotNull();
    assertThat(qemu("info", "--image-opts", text))
        .contains(refusal.located().getFirst().problem().message());
  }

  private String qemu(String... arguments) throws Exception {
    String[] command = new String[arguments.length + 1];
    command[0] = "qemu-img";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).as("qemu-img ends").isTrue();
    return output;
  }
}
