package dev.platter.tools.img;

import dev.platter.tools.CommandFailure;
import dev.platter.tools.Getopt;
import dev.platter.tools.Terminal;
import dev.platter.tools.UsageException;
import dev.platter.tools.image.GateOption;
import dev.platter.tools.image.ImageArgument;
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
        .withLong("object", true)
        .withLong(GateOption.NAME, true)
        .withLong("image-opts", false)
        .withLong("force-share", 'U');
  }

  @Override
  public int run(List<String> args, Terminal terminal)
      throws CommandFailure, UsageException, IOException {
    Getopt.Parsed given = options().parse(args);
    ImgSession.refuseObjects(given);
    if (given.operands().size() != 1) {
      throw new UsageException("Expecting one image file name");
    }
    boolean json = ImgSession.json(given);
    ImageArgument image = ImgSession.image(given, given.operands().getFirst());
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
