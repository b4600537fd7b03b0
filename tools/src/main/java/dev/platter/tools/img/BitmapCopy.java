package dev.platter.tools.img;

import dev.platter.api.driver.BitmapFormat;
import dev.platter.api.driver.BitmapFormat.BitmapInfo;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.Getopt;
import dev.platter.tools.Terminal;
import dev.platter.tools.image.ErrorText;
import dev.platter.tools.image.OpenImage;
import java.io.IOException;

/**
 * What {@code convert --bitmaps} does beside copying data: the source's bitmaps go to the target.
 *
 * @param wanted whether they are to be copied
 * @param skipBroken whether inconsistent ones are left out, and not an error
 */
record BitmapCopy(boolean wanted, boolean skipBroken) {

  /** Reads it from a command line. */
  static BitmapCopy of(Getopt.Parsed given) {
    return new BitmapCopy(given.has("bitmaps"), given.has("skip-broken-bitmaps"));
  }

  /** Refuses sources whose bitmaps cannot be copied. */
  void checkSource(ImageSequence source) throws CommandFailure, IOException {
    if (!wanted) {
      return;
    }
    if (source.images().size() > 1) {
      throw new CommandFailure("Copying bitmaps only possible with single source");
    }
    BitmapFormat bitmaps =
        BitmapsOf.keeping(source.images().getFirst())
            .orElseThrow(() -> new CommandFailure("Source lacks bitmap support"));
    for (BitmapInfo bitmap : bitmaps.bitmaps().reversed()) { // QEMU names the last one first
      if (!bitmap.consistent() && !skipBroken) {
        throw new CommandFailure("Cannot copy inconsistent bitmap '%s'".formatted(bitmap.name()))
            .withHint(
                "Try --skip-broken-bitmaps, or use 'qemu-img bitmap --remove' to delete it\n");
      }
    }
  }

  /** Refuses a target that can hold none. */
  void checkTarget(OpenImage target) throws CommandFailure {
    if (wanted && BitmapsOf.keeping(target).isEmpty()) {
      throw new CommandFailure(
          "Format driver '%s' does not support bitmaps".formatted(target.driverName()));
    }
  }

  /** Copies the bitmaps, after the data. */
  void run(ImageSequence source, OpenImage target, Terminal terminal)
      throws CommandFailure, IOException {
    if (!wanted) {
      return;
    }
    BitmapFormat from = BitmapsOf.keeping(source.images().getFirst()).orElseThrow();
    BitmapFormat to = BitmapsOf.keeping(target).orElseThrow();
    for (BitmapInfo bitmap : from.bitmaps().reversed()) {
      if (!bitmap.consistent()) {
        terminal
            .err()
            .println(
                "qemu-img: warning: Skipping inconsistent bitmap '%s'".formatted(bitmap.name()));
      }
    }
    for (BitmapInfo bitmap : from.bitmaps()) {
      if (bitmap.consistent()) {
        copy(from, to, bitmap);
      }
    }
  }

  private static void copy(BitmapFormat from, BitmapFormat to, BitmapInfo bitmap)
      throws CommandFailure {
    String name = bitmap.name();
    try {
      to.addBitmap(name, bitmap.granularityBytes(), bitmap.enabled());
    } catch (IOException e) {
      throw ErrorText.failure("Failed to create bitmap %s: ".formatted(name), e);
    }
    try {
      to.mergeBitmap(name, from, name);
    } catch (IOException e) {
      throw populating(to, name, e);
    }
  }

  private static CommandFailure populating(BitmapFormat to, String name, IOException failure) {
    try {
      to.removeBitmap(name);
    } catch (IOException again) {
      failure.addSuppressed(again);
    }
    return ErrorText.failure("Failed to populate bitmap %s: ".formatted(name), failure);
  }
}
