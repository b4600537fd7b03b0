package dev.platter.tools.io;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.CopyOnReadNode;
import dev.platter.api.driver.DebugBreakpoints;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.tools.Terminal;
import dev.platter.tools.image.ImageRules;
import dev.platter.tools.image.Images;
import dev.platter.tools.image.OpenImage;
import dev.platter.tools.image.UserObjects;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * What one run of {@code qemu-io} has open, and what it has to say. Closing it waits for what is
 * under way and closes the image. Used by one thread.
 */
final class IoSession implements AutoCloseable {
  private static final String PROGRAM = "qemu-io";

  private final Terminal terminal;
  private final ImageRules rules;
  private final LaterRequests later = new LaterRequests();
  private Optional<Open> open = Optional.empty();
  private final UserObjects objects;
  private final boolean imageOpts;
  private boolean failed;
  private boolean ended;

  /** An open image, with what it needs to be closed. */
  private record Open(IoOpening opening, Images images, OpenImage image) {}

  /**
   * @param rules what holds for all images of the session
   * @param objects what options name: secrets and throttle groups
   * @param imageOpts whether images are named by option strings
   */
  IoSession(Terminal terminal, ImageRules rules, UserObjects objects, boolean imageOpts) {
    this.imageOpts = imageOpts;
    this.terminal = terminal;
    this.rules = rules;
    this.objects = objects;
  }

  /** Opens an image; there must be none. */
  void open(IoOpening opening) throws IoFailure {
    try {
      openNow(opening);
    } catch (IOException e) {
      String device = opening.shownName().map(name -> " device " + name).orElse("");
      throw IoFailure.report("can't open%s: ".formatted(device), e);
    }
  }

  /** Opens the open image in another way; as before if that fails. */
  void reopen(IoOpening opening) throws IoFailure {
    IoOpening old = opening();
    closeImage();
    try {
      openNow(opening);
    } catch (IOException e) {
      open(old);
      throw IoFailure.report("", e);
    }
  }

  private void openNow(IoOpening opening) throws IOException {
    Images images = new Images(terminal.err(), PROGRAM, rules, objects);
    try {
      OpenImage image =
          opening.snapshot()
              ? images.openWithOverlay(opening.image(), opening.mode())
              : images.open(opening.image(), opening.mode());
      if (opening.copyOnRead() && image.node().readOnly()) {
        throw new UnsupportedFeatureException("Can't use copy-on-read on read-only device");
      }
      open = Optional.of(new Open(opening, images, image));
    } catch (IOException e) {
      closeQuietly(images, e);
      throw e;
    }
  }

  private static void closeQuietly(Images images, IOException failure) {
    try {
      images.close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /** Whether images are named by option strings. */
  boolean imageOpts() {
    return imageOpts;
  }

  /** Whether an image is open. */
  boolean isOpen() {
    return open.isPresent();
  }

  /** The open image. */
  OpenImage image() {
    return open.orElseThrow().image();
  }

  /** What requests go to. */
  BlockNode node() {
    BlockNode node = image().node();
    return opening().copyOnRead() ? new CopyOnReadNode(node.name(), node) : node;
  }

  /** The filter below that holds requests at events, if there is one. */
  Optional<DebugBreakpoints> breakpoints() {
    return open.orElseThrow().images().treeOf(image()).stream()
        .filter(DebugBreakpoints.class::isInstance)
        .map(DebugBreakpoints.class::cast)
        .findFirst();
  }

  /** How the image was opened. */
  IoOpening opening() {
    return open.orElseThrow().opening();
  }

  /** Closes the image, once what is under way has ended. */
  void closeImage() throws IoFailure {
    printLater();
    if (open.isEmpty()) {
      return;
    }
    Images images = open.get().images();
    open = Optional.empty();
    try {
      images.close();
    } catch (IOException e) {
      throw IoFailure.report("", e);
    }
  }

  /** Starts a request for these bytes beside the commands that follow. */
  void later(LaterRequests.Bytes bytes, Callable<Outcome> request) {
    later.start(bytes, request);
  }

  /** Notes that the request of the calling thread is held at a breakpoint. */
  void holdsLater() {
    later.held();
  }

  /** Gives what is under way a moment to come as far as it can. */
  void settleLater() {
    later.settle();
  }

  /** Waits for what {@link #later} started, and prints what became of it. */
  void printLater() {
    // A request that was started fails alone: the status of the program does not tell.
    later.await().forEach(outcome -> terminal.out().print(outcome.text()));
  }

  /** Prints a warning, and what to do. */
  void warn(String warning, String advice) {
    terminal.err().println(PROGRAM + ": warning: " + warning);
    terminal.err().print(advice.isEmpty() ? "" : advice + "\n");
  }

  /** Prints what became of a request. */
  void print(Outcome outcome) {
    terminal.out().print(outcome.text());
    failed |= !outcome.succeeded();
  }

  /** Prints a line. */
  void println(String line) {
    terminal.out().print(line + "\n");
  }

  /** Prints whole lines. */
  void print(String lines) {
    terminal.out().print(lines);
  }

  Terminal terminal() {
    return terminal;
  }

  /** Notes that a command failed. */
  void fail() {
    failed = true;
  }

  /** Whether a command failed. */
  boolean failed() {
    return failed;
  }

  /** Runs no further commands. */
  void end() {
    ended = true;
  }

  /** Whether no further commands are to be run. */
  boolean ended() {
    return ended;
  }

  @Override
  public void close() throws IoFailure {
    closeImage();
  }
}
