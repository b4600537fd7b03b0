package dev.platter.filter;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.FilterDriverProvider;
import dev.platter.api.driver.FilterOpening;
import dev.platter.api.error.Errno;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValues;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Filter driver {@code quorum}: the same disk in several nodes, which vote on what it holds. */
public final class QuorumProvider implements FilterDriverProvider {
  private static final String CHILDREN = "children";
  private static final String FIFO = "fifo";
  private static final String QUORUM = "quorum";

  static final Option<Long> VOTE_THRESHOLD =
      Option.number("vote-threshold", 0, Integer.MAX_VALUE)
          .doc("How many nodes have to agree, and to perform a request; at least 1.")
          .since("2.0")
          .build();
  static final Option<Boolean> BLKVERIFY =
      Option.flag("blkverify")
          .defaultValue(false)
          .doc("Two nodes are compared byte by byte; a read of which they differ fails.")
          .since("2.0")
          .build();
  static final Option<Boolean> REWRITE_CORRUPTED =
      Option.flag("rewrite-corrupted")
          .defaultValue(false)
          .doc("Nodes that hold something else than a read's winner get the winner's bytes.")
          .since("2.1")
          .build();
  static final Option<String> READ_PATTERN =
      Option.text("read-pattern")
          .defaultText(QUORUM)
          .doc("quorum asks all nodes; fifo the first one, and the next one where that fails.")
          .since("2.2")
          .build();

  /** For {@link java.util.ServiceLoader}. */
  public QuorumProvider() {}

  @Override
  public String name() {
    return "quorum";
  }

  @Override
  public String description() {
    return "The same bytes in several nodes, of which as many as a threshold says must agree.";
  }

  @Override
  public OptionSchema options() {
    return OptionSchema.of(VOTE_THRESHOLD, BLKVERIFY, REWRITE_CORRUPTED, READ_PATTERN);
  }

  @Override
  public Set<String> childRoles() {
    return Set.of();
  }

  @Override
  public Optional<String> numberedRole() {
    return Optional.of(CHILDREN);
  }

  @Override
  public String inputRole() {
    return role(0);
  }

  @Override
  public boolean probes(String role) {
    return true;
  }

  private static String role(int index) {
    return CHILDREN + "." + index;
  }

  @Override
  public void checkChildren(Set<String> roles, OptionValues options) throws OptionException {
    long count = roles.stream().filter(role -> role.startsWith(CHILDREN + ".")).count();
    for (int i = 0; i < count; i++) {
      if (!roles.contains(role(i))) {
        throw problem(CHILDREN, "Option children is not a valid array");
      }
    }
    if (count < 1) {
      throw problem(CHILDREN, "Number of provided children must be 1 or more");
    }
    long threshold = threshold(options);
    if (threshold < 1) {
      throw problem(VOTE_THRESHOLD.name(), "Parameter 'vote-threshold' expects a value >= 1");
    }
    if (threshold > count) {
      throw problem(VOTE_THRESHOLD.name(), "threshold may not exceed children count");
    }
    String pattern = options.given(READ_PATTERN).orElse(QUORUM);
    if (!pattern.equals(QUORUM) && !pattern.equals(FIFO)) {
      throw problem(READ_PATTERN.name(), "Please set read-pattern as fifo or quorum");
    }
    if (verifies(options) && (count != 2 || threshold != 2)) {
      throw problem(
          BLKVERIFY.name(),
          "blkverify=on can only be set if there are exactly two files and vote-threshold is 2");
    }
    if (verifies(options) && options.get(REWRITE_CORRUPTED)) {
      throw problem(
          REWRITE_CORRUPTED.name(), "rewrite-corrupted=on cannot be used with blkverify=on");
    }
  }

  private static long threshold(OptionValues options) {
    return options.given(VOTE_THRESHOLD).orElse(0L);
  }

  private static boolean inTurn(OptionValues options) {
    return options.given(READ_PATTERN).equals(Optional.of(FIFO));
  }

  private static boolean verifies(OptionValues options) {
    return options.get(BLKVERIFY) && !inTurn(options);
  }

  @Override
  public BlockNode open(FilterOpening opening) throws IOException {
    OptionValues options = opening.options();
    List<BlockNode> children = new ArrayList<>(List.of(opening.child()));
    children.addAll(opening.children().values());
    for (BlockNode child : children) {
      if (child.size() != opening.child().size()) {
        throw problem(CHILDREN, "Could not refresh total sector count: " + Errno.EIO.text());
      }
    }
    QuorumNode.Pattern pattern = QuorumNode.Pattern.VOTE;
    if (inTurn(options)) {
      pattern = QuorumNode.Pattern.IN_TURN;
    } else if (verifies(options)) {
      pattern = QuorumNode.Pattern.VERIFY;
    } else if (options.get(REWRITE_CORRUPTED)) {
      pattern = QuorumNode.Pattern.VOTE_AND_REWRITE;
    }
    return new QuorumNode(
        opening.nodeName(),
        children,
        (int) threshold(options),
        pattern,
        opening.environment().events());
  }

  private static OptionException problem(String key, String message) {
    return new OptionException(OptionProblem.of(key, message));
  }
}
