package dev.platter.tools.site;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.CachedFormat;
import dev.platter.api.driver.CachedFormat.CacheAdvice;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.option.SizeText;
import dev.platter.api.spec.NodeSpec;
import dev.platter.conf.DriveSpec;
import dev.platter.graph.FormatNode;
import dev.platter.harness.BlockRuntime;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.Terminal;
import dev.platter.tools.Tool;
import dev.platter.tools.UsageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code platter cache advise IMAGE}: for every image of a chain, what cache covers its disk; the
 * {@code -drive} string to write; and what that costs.
 */
public final class CacheTool implements Tool {
  private static final String USAGE =
      """
      usage: platter cache advise IMAGE

      Says which cache size lets an image, and each of its backing files, be mapped from memory as a
      whole: the -drive string to write, and the memory it may take.
      """;

  /** What one image of a chain needs. */
  private record Need(FormatNode image, String prefix, CacheAdvice advice) {
    /** The top of the chain is taken to be written; what lies below is not. */
    long costBytes() {
      return prefix.isEmpty() ? advice.costBytes() : advice.readOnlyCostBytes();
    }
  }

  @Override
  public String program() {
    return "platter cache";
  }

  @Override
  public int run(List<String> args, Terminal terminal)
      throws CommandFailure, UsageException, IOException {
    if (args.contains("--help") || args.contains("-h")) {
      terminal.out().print(USAGE);
      return 0;
    }
    if (args.size() != 2 || !args.getFirst().equals("advise")) {
      throw new UsageException("expects 'advise' and one image file name");
    }
    try (BlockRuntime runtime = Site.load(terminal).runtime()) {
      BlockNode top = runtime.graph().open(readOnly(args.get(1)));
      advise(args.get(1), needs(runtime.graph().chainOf(top)), terminal);
    }
    return 0;
  }

  private static NodeSpec readOnly(String fileName) {
    return NodeSpec.probed()
        .with("read-only", "on")
        .withChild("file", NodeSpec.file(fileName).with("read-only", "on"));
  }

  private static List<Need> needs(List<BlockNode> chain) {
    List<Need> needs = new ArrayList<>();
    String prefix = "";
    for (BlockNode node : chain) {
      if (node instanceof FormatNode image && image.driver() instanceof CachedFormat cached) {
        needs.add(new Need(image, prefix, cached.cacheAdvice()));
      }
      prefix += "backing.";
    }
    return needs;
  }

  private static void advise(String fileName, List<Need> needs, Terminal terminal)
      throws UnsupportedFeatureException {
    if (needs.isEmpty()) {
      throw new UnsupportedFeatureException(fileName + ": no image of this chain has caches");
    }
    long costBytes = 0;
    NodeSpec spec = NodeSpec.probed().withChild("file", NodeSpec.file(fileName));
    StringBuilder options = new StringBuilder(DriveSpec.of(spec).toString());
    for (Need need : needs) {
      CacheAdvice advice = need.advice();
      costBytes += need.costBytes();
      options.append(",%s%s=%s".formatted(need.prefix(), advice.option(), size(advice)));
      terminal
          .out()
          .printf(
              "%s: %s of disk, of which the cache now covers %s; %s=%s covers all%n",
              need.image().imageName(),
              SizeText.shortest(need.image().size()),
              SizeText.shortest(Math.min(advice.coveredBytes(), need.image().size())),
              advice.option(),
              size(advice));
    }
    terminal.out().printf("%nrule:  %s%n", needs.getFirst().advice().rule());
    terminal.out().printf("drive: %s%n", options);
    terminal
        .out()
        .printf(
            "cost:  at most %s of memory for %d image%s%n",
            SizeText.shortest(costBytes), needs.size(), needs.size() == 1 ? "" : "s");
  }

  private static String size(CacheAdvice advice) {
    return SizeText.shortest(advice.optionBytes());
  }
}
