package dev.platter.tools.peer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A {@code qemu-io} that has an image open until it is closed or killed. */
final class QemuHolder implements AutoCloseable {
  private final Process process;

  private QemuHolder(Process process) {
    this.process = process;
  }

  /** Starts one, and waits until the image is open. */
  static QemuHolder start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("qemu-io"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().write("length\n".getBytes(StandardCharsets.US_ASCII));
    process.getOutputStream().flush();
    String answer = process.inputReader(StandardCharsets.US_ASCII).readLine();
    if (answer == null || answer.contains("can't open")) {
      process.destroyForcibly();
      throw new IOException(command + ": " + answer);
    }
    return new QemuHolder(process);
  }

  /** Ends it by SIGKILL. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    process.onExit().join();
  }
}
