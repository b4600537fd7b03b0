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

/** Refusals of {@code --image-opts} are in the words of {@code qemu-img} and {@code qemu-io}. */
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
      graph.create(
          CreateRequest.overlay("qcow2", folder.resolve("o.qcow2").toString(), "a.qcow2", "qcow2"));
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
            DriveSyntaxException.class, () -> new ImageOptsParser(drivers, _ -> {}).parse(text));
    assertThat(refusal).as("our refusal of %s", text).isNotNull();
    assertThat(run("qemu-img", "info", "--image-opts", text))
        .contains(refusal.located().getFirst().problem().message());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "driver=qcow2,file.filename=F/a.qcow2,backing.l2-cache-size=65536",
        "driver=qcow2,file.filename=F/a.qcow2,backing.driver=qcow2",
        "driver=qcow2,file.filename=F/a.qcow2,backing.driver=file",
        "driver=qcow2,file.filename=F/a.qcow2,backing=no_such",
        "driver=qcow2,file.filename=F/o.qcow2,backing.driver=qcow3",
        "driver=qcow2,file.filename=F/o.qcow2,backing.driver=qcow2,backing.l2-cahe-size=3",
        "driver=qcow2,file.filename=F/o.qcow2,backing.l2-cache-size=3X",
        "driver=qcow2,file.filename=F/o.qcow2,backing.file.lockng=off",
        "driver=qcow2,file.filename=F/o.qcow2,backing.backing.driver=qcow2",
        "driver=qcow2,file.filename=F/o.qcow2,backing=no_such",
        "driver=qcow2,file.filename=F/o.qcow2,backing=no_such,backing.driver=qcow2",
        "driver=qcow2,file.filename=F/o.qcow2,backing.file.filename=F/nope",
        "driver=raw,file.filename=F/a.qcow2,backing.driver=qcow2",
        "driver=raw,file.filename=F/a.qcow2,offset=1000000000",
        "driver=raw,file.filename=F/a.qcow2,size=1000",
        "driver=qcow2,file.filename=F/a.qcow2,overlap-check=foo",
        "driver=qcow2,file.filename=F/a.qcow2,overlap-check.template=foo",
        "driver=qcow2,file.filename=F/a.qcow2,overlap-check=all,overlap-check.template=none",
        "driver=qcow2,file.filename=F/a.qcow2,cache-size=1M,l2-cache-size=1M,refcount-cache-size=1M",
        "driver=qcow2,file.filename=F/a.qcow2,cache-size=1M,l2-cache-size=2M",
        "driver=qcow2,file.filename=F/a.qcow2,cache-size=1M,refcount-cache-size=2M",
        "driver=qcow2,file.filename=F/a.qcow2,l2-cache-entry-size=3000",
        "driver=qcow2,file.filename=F/a.qcow2,cache-clean-interval=4294967296",
        "driver=qcow2,file.filename=F/a.qcow2,locking=on",
        "driver=qcow2,file.filename=F/a.qcow2,file.locking=foo",
        "driver=qcow2,file.filename=F/a.qcow2,file.aio=foo",
      })
  void refusalToOpenIsInWordsOfQemu(String input) throws Exception {
    String text = input.replace("F/", folder + "/");
    try (BlockGraph graph = BlockGraph.builder(drivers).build()) {
      IOException refusal =
          catchThrowableOfType(
              IOException.class,
              () -> graph.open(new ImageOptsParser(drivers, _ -> {}).parse(text)));
      assertThat(refusal).as("our refusal of %s", input).isNotNull();
      assertThat(run("qemu-io", "-c", "quit", "--image-opts", text)).contains(refusal.getMessage());
    }
  }

  private String run(String... command) throws Exception {
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).as(command[0] + " ends").isTrue();
    return output;
  }
}
