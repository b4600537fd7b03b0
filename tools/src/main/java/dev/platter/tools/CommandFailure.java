package dev.platter.tools;

import java.util.ArrayList;
import java.util.List;

/** A command that could not do its work: what it says about that, and its exit status. */
public final class CommandFailure extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final transient List<String> reports;
  private final String hint;

  /**
   * @param status the exit status, not 0
   * @param reports lines that each follow the program's name; may be empty
   * @param hint text that follows as it is, ended by a line feed where it is to end
   * @param cause what it comes from, for {@code --debug}; may be null
   */
  private CommandFailure(int status, List<String> reports, String hint, Throwable cause) {
    super(String.join("\n", reports), cause);
    this.status = status;
    this.reports = List.copyOf(reports);
    this.hint = hint;
  }

  /** A failure with these lines and status 1. */
  public CommandFailure(String... reports) {
    this(1, List.of(reports), "", null);
  }

  /** A failure whose words have been printed already. */
  public static CommandFailure silent(int status) {
    return new CommandFailure(status, List.of(), "", null);
  }

  /** This failure, caused by another. */
  public CommandFailure causedBy(Throwable cause) {
    return new CommandFailure(status, reports, hint, cause);
  }

  /** This failure with another exit status. */
  public CommandFailure withStatus(int status) {
    return new CommandFailure(status, reports, hint, getCause());
  }

  /** This failure with a name in front of its first line: {@code hd0.qcow2: ...}. */
  public CommandFailure about(String name) {
    List<String> named = new ArrayList<>(reports);
    named.set(0, name + ": " + named.getFirst());
    return new CommandFailure(status, named, hint, getCause());
  }

  /** This failure with text below it that no program name precedes. */
  public CommandFailure withHint(String hint) {
    return new CommandFailure(status, reports, hint, getCause());
  }

  /** This failure with another report below all of it. */
  public CommandFailure followedBy(String report) {
    List<String> all = new ArrayList<>(reports);
    all.set(all.size() - 1, (all.getLast() + "\n" + hint).stripTrailing());
    all.add(report);
    return new CommandFailure(status, all, "", getCause());
  }

  /** The exit status. */
  public int status() {
    return status;
  }

  /** All of it, as {@code program} says it; empty, or whole lines unless the hint is not one. */
  public String text(String program) {
    StringBuilder text = new StringBuilder();
    for (String report : reports) {
      text.append(program).append(": ").append(report).append('\n');
    }
    return text.append(hint).toString();
  }
}
