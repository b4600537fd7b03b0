package dev.platter.graph;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.platter.api.driver.FormatDriverProvider;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Formats of disk images that QEMU finds by looking, whether or not there is a driver for them.
 *
 * <p>Without one, such an image is no raw disk: who took it for one would read its tables for the
 * guest's bytes.
 */
final class ForeignFormats {
  /** How much QEMU looks at. */
  private static final int HEAD_BYTES = 512;

  private static final String DMG = "dmg";

  /** A file has one of these formats if its first bytes, each a character, match. */
  private static final List<Format> BY_HEAD =
      List.of(
          format("vmdk", "KDMV|COWD"),
          format("vmdk", "(?:#[^\\n]*\\n| +\\r?\\n)*+version=[123]\\r?\\n"),
          format("vdi", ".{64}\\x7f\\x10\\xda\\xbe"),
          format("vhdx", "vhdxfile"),
          format("vpc", "conectix"),
          format("qed", "QED\\x00"),
          format("qcow", "QFI\\xfb\\x00{3}\\x01"),
          format("parallels", "(?:WithoutFreeSpace|WithouFreSpacExt)\\x02\\x00{3}"),
          format(
              "bochs",
              "(?=Bochs Virtual HD Image\\x00).{32}(?=Redolog\\x00).{16}(?=Growing\\x00).{16}"
                  + "\\x00\\x00[\\x01\\x02]\\x00"),
          format(
              "cloop",
              "#!/bin/sh\\n#V2\\.0 Format\\n"
                  + "modprobe cloop file=\\$0 && mount -r -t iso9660 /dev/cloop \\$1\\n"));

  private ForeignFormats() {}

  /**
   * The format of a file that begins with {@code head}; empty if it is none of these, or empty.
   *
   * @param head at most {@link FormatDriverProvider#PROBE_BYTES} bytes
   */
  static Optional<String> find(MemorySegment head, String fileName) {
    if (head.byteSize() == 0) {
      return Optional.empty();
    }
    byte[] bytes =
        head.asSlice(0, Math.min(HEAD_BYTES, head.byteSize())).toArray(ValueLayout.JAVA_BYTE);
    String text = new String(bytes, ISO_8859_1);
    for (Format format : BY_HEAD) {
      if (format.head().matcher(text).lookingAt()) {
        return Optional.of(format.name());
      }
    }
    boolean named = fileName.endsWith("." + DMG) && fileName.length() > DMG.length() + 1;
    return named ? Optional.of(DMG) : Optional.empty(); // its mark is at the file's end
  }

  private static Format format(String name, String head) {
    return new Format(name, Pattern.compile(head, Pattern.DOTALL));
  }

  private record Format(String name, Pattern head) {}
}
