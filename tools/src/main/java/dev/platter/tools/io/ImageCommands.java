package dev.platter.tools.io;

import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.Preallocation;
import dev.platter.api.driver.DescribedFormat;
import dev.platter.api.driver.DescribedFormat.FormatDetails;
import dev.platter.api.spec.ChildSpec;
import dev.platter.graph.FormatNode;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.Getopt;
import dev.platter.tools.UsageException;
import dev.platter.tools.image.ErrorText;
import dev.platter.tools.image.OpenImage;
import dev.platter.tools.image.PreallocationWord;
import dev.platter.tools.text.DetailText;
import dev.platter.tools.text.Sizes;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Commands about the open image as a whole: what it is, what it holds, how long it is. */
final class ImageCommands {
  private static final int SECTOR_BYTES = 512;
  private static final int L2_ENTRY_BYTES = 8;
  private static final int EXTENDED_L2_ENTRY_BYTES = 16;

  /** Drivers that QEMU names as a format, and again as a protocol. */
  private static final Set<String> PROTOCOLS =
      Set.of("file", "host_device", "blkdebug", "blkverify", "null-co", "null-aio");

  /** Drivers of which there is nothing more to be said, which to QEMU is an error. */
  private static final Set<String> WITHOUT_FACTS = Set.of("null-co", "null-aio", "quorum");

  private ImageCommands() {}

  /** {@code flush}. */
  static void flush(IoSession session, List<String> args) throws IoFailure {
    try {
      session.node().flush();
    } catch (IOException e) {
      throw IoFailure.report("flush failed: " + ErrorText.ofRequest(e));
    }
  }

  /** {@code length}. */
  static void length(IoSession session, List<String> args) {
    session.println(Sizes.exact(session.node().size()));
  }

  /** {@code truncate}. */
  static void truncate(IoSession session, List<String> args) throws IoFailure, UsageException {
    Getopt.Parsed given = Getopt.of("m:", Getopt.Wording.C_LIBRARY).parse(args);
    Preallocation preallocation;
    try {
      preallocation = PreallocationWord.parse(given.last("m").orElse("off"));
    } catch (CommandFailure e) {
      throw IoFailure.report(e.getMessage());
    }
    if (given.operands().isEmpty()) {
      throw IoFailure.usage();
    }
    long size = IoNumbers.size(given.operands().getFirst());
    try {
      session.node().resize(size, preallocation);
    } catch (IOException e) {
      throw IoFailure.report("", e);
    }
  }

  /** {@code alloc}: how much of a range the image itself holds, not the ones below it. */
  static void alloc(IoSession session, List<String> args) throws IoFailure {
    long start = IoNumbers.size(args.getFirst());
    long length = args.size() > 1 ? IoNumbers.size(args.get(1)) : SECTOR_BYTES;
    BlockNode node = session.node();
    long end = start + Math.min(length, Math.max(0, node.size() - start));
    long allocated = 0;
    for (long at = start; at < end; ) {
      Extent extent = extent(node, at, end - at);
      allocated += isHeld(extent) ? extent.length() : 0;
      at += extent.length();
    }
    session.println(
        "%d/%d bytes allocated at offset %s".formatted(allocated, end - start, Sizes.exact(start)));
  }

  /** {@code map}: which parts the image itself holds. */
  static void map(IoSession session, List<String> args) throws IoFailure {
    BlockNode node = session.node();
    long at = 0;
    while (at < node.size()) {
      Extent first = extent(node, at, node.size() - at);
      long end = at + first.length();
      while (end < node.size()) {
        Extent next = extent(node, end, node.size() - end);
        if (isHeld(next) != isHeld(first)) {
          break;
        }
        end += next.length();
      }
      session.println(
          "%s (0x%x) bytes %s at offset %s (0x%x)"
              .formatted(
                  Sizes.exact(end - at),
                  end - at,
                  isHeld(first) ? "    allocated" : "not allocated",
                  Sizes.exact(at),
                  at));
      at = end;
    }
  }

  private static boolean isHeld(Extent extent) {
    return extent.present() && extent.depth() == 0;
  }

  private static Extent extent(BlockNode node, long offset, long length) throws IoFailure {
    try {
      return node.extent(offset, length);
    } catch (IOException e) {
      throw IoFailure.out("is_allocated failed: " + ErrorText.ofRequest(e));
    }
  }

  /** {@code info}. */
  static void info(IoSession session, List<String> args) throws IoFailure {
    String name = session.image().driverName();
    StringBuilder text = new StringBuilder();
    text.append("format name: %s\n".formatted(name).repeat(PROTOCOLS.contains(name) ? 2 : 1));
    if (WITHOUT_FACTS.contains(name)
        || (name.equals("raw") && WITHOUT_FACTS.contains(fileDriver(session.image())))) {
      session.print(text.toString());
      session.fail();
      return;
    }
    Optional<FormatDetails> details = details(session.image().format());
    long clusterBytes = details.map(known -> known.clusterSizeBytes().orElse(0)).orElse(0L);
    text.append("cluster size: ").append(Sizes.exact(clusterBytes)).append('\n');
    long vmStateOffset = details.map(known -> vmStateOffset(known, session.node())).orElse(0L);
    text.append("vm state offset: ").append(Sizes.exact(vmStateOffset)).append('\n');
    if (details.isPresent() && !details.get().specific().isEmpty()) {
      text.append("Format specific information:\n");
      DetailText.append(text, details.get().specific(), 1);
    }
    session.print(text.toString());
  }

  /** The driver of the node that holds an image's bytes, where its description names it. */
  private static String fileDriver(OpenImage image) {
    return image
        .format()
        .flatMap(format -> format.spec().child("file"))
        .filter(ChildSpec.Inline.class::isInstance)
        .flatMap(file -> ((ChildSpec.Inline) file).node().driver())
        .orElse("");
  }

  private static Optional<FormatDetails> details(Optional<FormatNode> image) throws IoFailure {
    if (image.isEmpty() || !(image.get().driver() instanceof DescribedFormat described)) {
      return Optional.empty();
    }
    try {
      return Optional.of(described.details());
    } catch (IOException e) {
      throw IoFailure.report("", e);
    }
  }

  /** A machine's state is kept behind the disk, from the next L2 table on. */
  private static long vmStateOffset(FormatDetails details, BlockNode node) {
    if (details.clusterSizeBytes().isEmpty()) {
      return 0;
    }
    long clusterBytes = details.clusterSizeBytes().getAsLong();
    boolean extended = Boolean.TRUE.equals(details.specific().get("extended-l2"));
    long tableBytes =
        clusterBytes / (extended ? EXTENDED_L2_ENTRY_BYTES : L2_ENTRY_BYTES) * clusterBytes;
    return Math.ceilDiv(node.size(), tableBytes) * tableBytes;
  }
}
