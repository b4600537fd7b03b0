package dev.platter.tools.peer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** {@code qemu-img} and {@code qemu-io}, as they are installed here. */
final class QemuProgram implements Program {
  private static final long TIMEOUT_SECONDS = 60;

  /**
   * What {@code qemu-img create} says now and then when it measures how long a key's derivation
   * takes: the host's clock of processor time has not moved meanwhile. It says nothing of the
   * image.
   */
  private static final String UNMEASURED = "Unable to get accurate CPU usage";

  private static final int ATTEMPTS = 20;

  /** The version that the tables were recorded from; another one may say something else. */
  static final String RECORDED_VERSION = "7.2";

  /**
   * Held for writing while a program starts, and for reading while {@link PlatterProgram} runs:
   * until the new process has become that program it has the files that are open here, and keeps
   * them locked.
   */
  static final ReadWriteLock STARTS = new ReentrantReadWriteLock();

  /** Whether both programs are installed, in the version that the tables were recorded from. */
  static boolean isInstalled() throws InterruptedException {
    try {
      Result version = new QemuProgram().run(List.of("img", "--version"), new byte[0]);
      new QemuProgram().run(List.of("io", "--version"), new byte[0]);
      return version.out().startsWith("qemu-img version " + RECORDED_VERSION + ".");
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public Result run(List<String> words, byte[] stdin) throws IOException, InterruptedException {
    Result result = runOnce(words, stdin);
    for (int i = 1; i < ATTEMPTS && result.err().contains(UNMEASURED); i++) {
      result = runOnce(words, stdin);
    }
    return result;
  }

  private static Result runOnce(List<String> words, byte[] stdin)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(words);
    command.set(0, "qemu-" + words.getFirst());
    Path out = Files.createTempFile("qemu", ".out");
    Path err = Files.createTempFile("qemu", ".err");
    try {
      Process process =
          start(
              new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile()));
      process.getOutputStream().write(stdin);
      process.getOutputStream().close();
      if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException("it does not end: " + command);
      }
      return new Result(
          Files.readString(out, StandardCharsets.UTF_8),
          Files.readString(err, StandardCharsets.UTF_8),
          process.exitValue());
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }

  private static Process start(ProcessBuilder program) throws IOException {
    STARTS.writeLock().lock();
    try {
      return program.start();
    } finally {
      STARTS.writeLock().unlock();
    }
  }
}
