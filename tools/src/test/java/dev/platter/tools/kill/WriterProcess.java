package dev.platter.tools.kill;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A {@link KilledWriter} in a process of its own, as its parent sees it. */
final class WriterProcess implements AutoCloseable {
  private final Process process;
  private final Path errors;

  private WriterProcess(Process process, Path errors) {
    this.process = process;
    this.errors = errors;
  }

  /**
   * What a killed process had said.
   *
   * @param begun by thread, how many operations it had begun
   * @param flushed by thread, the number of its last flush that ended; -1 if none did
   * @param overlay the number of the last overlay that was complete, if there was one
   * @param putOn whether that was on the disk, or there was none
   * @param snapshots by the number of an operation of the first thread, the name of the snapshot
   *     inside the image that it was about to delete or go back to, or had taken
   */
  record Said(
      List<Integer> begun,
      List<Integer> flushed,
      OptionalInt overlay,
      boolean putOn,
      Map<Integer, Integer> snapshots) {
    OptionalInt name(int operation) {
      Integer name = snapshots.get(operation);
      return name == null ? OptionalInt.empty() : OptionalInt.of(name);
    }

    int total() {
      return begun.stream().mapToInt(Integer::intValue).sum();
    }
  }

  /** Starts a process, which warms up in {@code folder}; does not wait for it. */
  static WriterProcess start(Path folder) throws IOException {
    Files.createDirectories(folder);
    Path errors = folder.resolve("stderr");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx96m",
                "-cp",
                System.getProperty("java.class.path"),
                KilledWriter.class.getName(),
                folder.toString())
            .redirectError(errors.toFile())
            .start();
    return new WriterProcess(process, errors);
  }

  /**
   * Lets the process write, and kills it after a time from its first operation on.
   *
   * @param layers how many layers the chain has
   */
  Said runAndKill(
      Path folder, long seed, int round, int layers, ChainOptions options, Duration until)
      throws IOException, InterruptedException {
    InputStream messages = process.getInputStream();
    require(messages.readNBytes(KilledWriter.MESSAGE_BYTES), KilledWriter.READY);
    String order = "%d %d %d %s %s\n".formatted(seed, round, layers, options.text(), folder);
    process.getOutputStream().write(order.getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
    byte[] first = messages.readNBytes(KilledWriter.MESSAGE_BYTES);
    require(first, KilledWriter.BEGUN);
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    said.write(first);
    CompletableFuture<Void> rest = CompletableFuture.runAsync(() -> drain(messages, said));
    Thread.sleep(until);
    if (!process.isAlive()) {
      throw new AssertionError("the writer ended by itself: " + Files.readString(errors));
    }
    process.toHandle().destroyForcibly(); // the Process's own method closes the pipe as well
    process.waitFor();
    rest.join();
    return decode(ByteBuffer.wrap(said.toByteArray()));
  }

  private void require(byte[] message, byte letter) throws IOException, InterruptedException {
    if (message.length < KilledWriter.MESSAGE_BYTES || message[0] != letter) {
      process.waitFor(10, TimeUnit.SECONDS); // it may still be saying why
      throw new AssertionError("the writer does not work: " + Files.readString(errors));
    }
  }

  private static void drain(InputStream from, ByteArrayOutputStream to) {
    try {
      from.transferTo(to);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Said decode(ByteBuffer messages) {
    List<Integer> begun = new ArrayList<>(Collections.nCopies(WriterPlan.THREAD_COUNT, 0));
    List<Integer> flushed = new ArrayList<>(Collections.nCopies(WriterPlan.THREAD_COUNT, -1));
    OptionalInt overlay = OptionalInt.empty();
    boolean putOn = true;
    Map<Integer, Integer> snapshots = new HashMap<>();
    while (messages.remaining() >= KilledWriter.MESSAGE_BYTES) {
      byte letter = messages.get();
      int thread = messages.get();
      int number = messages.getInt();
      switch (letter) {
        case KilledWriter.BEGUN -> begun.set(thread, number + 1);
        case KilledWriter.FLUSHED -> flushed.set(thread, number);
        case KilledWriter.CREATED -> {
          overlay = OptionalInt.of(number);
          putOn = false;
        }
        case KilledWriter.PUT_ON -> putOn = true;
        case KilledWriter.SNAPSHOT -> snapshots.put(begun.getFirst() - 1, number);
        default -> throw new AssertionError("the writer says " + letter);
      }
    }
    return new Said(begun, flushed, overlay, putOn, snapshots);
  }

  /** Ends a process that was not needed. */
  @Override
  public void close() {
    process.destroyForcibly();
  }
}
