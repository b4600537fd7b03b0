package dev.platter.tools.img;

import dev.platter.tools.CommandFailure;
import dev.platter.tools.Getopt;
import dev.platter.tools.Terminal;
import dev.platter.tools.UsageException;
import dev.platter.tools.image.GateOption;
import dev.platter.tools.image.ImageArgument;
import dev.platter.tools.image.OpenImage;
import dev.platter.tools.image.OpenMode;
import dev.platter.tools.text.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code info}: what an image says of itself, or every image of its chain. */
final class InfoCommand implements ImgCommand {
  private static Getopt options() {
    return Getopt.of("hf:U")
        .withLong("format", 'f')
        .withLong("output", true)
        .withLong("backing-chain", false)
        .withLong("tree", false)
        .withLong("object", true)
        .withLong(GateOption.NAME, true)
        .withLong("image-opts", false)
        .withLong("force-share", 'U');
  }

  @Override
  public int run(List<String> args, Terminal terminal)
      throws CommandFailure, UsageException, IOException {
    Getopt.Parsed given = options().parse(args);
    if (given.operands().size() != 1) {
      throw new UsageException("Expecting one image file name");
    }
    boolean json = ImgSession.json(given);
    ImageArgument image = ImgSession.image(given, given.operands().getFirst());
    if (given.has("tree")) {
      printTree(terminal, given, image, json);
      return 0;
    }
    OpenMode mode = OpenMode.READ.withoutBacking().sharing(given.has("U"));
    boolean chain = given.has("backing-chain");
    List<ImageFacts> facts;
    try (ImgSession session = new ImgSession(terminal, given)) {
      facts =
          chain
              ? ImageFacts.ofChain(session, image, mode)
              : List.of(ImageFacts.of(session, image, mode));
    }
    print(facts, chain, json, terminal);
    return 0;
  }

  /** What {@code qemu-img} has not: the chain, and what each of its layers holds. */
  private static void printTree(
      Terminal terminal, Getopt.Parsed given, ImageArgument image, boolean json)
      throws CommandFailure, IOException {
    try (ImgSession session = new ImgSession(terminal, given)) {
      OpenImage top = session.open(image, OpenMode.READ.sharing(given.has("U")));
      ChainTree tree = new ChainTree(LayerShare.of(session.images().layers(top)));
      if (json) {
        terminal.out().println(Json.pretty(tree.members()));
      } else {
        terminal.out().print(tree.text());
      }
    }
  }

  private static void print(
      List<ImageFacts> facts, boolean chain, boolean json, Terminal terminal) {
    if (json) {
      List<Map<String, Object>> objects = new ArrayList<>();
      facts.forEach(image -> objects.add(image.members()));
      terminal.out().println(Json.pretty(chain ? objects : objects.getFirst()));
      return;
    }
    String separator = "";
    for (ImageFacts image : facts) {
      terminal.out().print(separator + image.text());
      separator = "\n";
    }
  }
}
