package dev.platter.tools.io;

import dev.platter.tools.UsageException;
import java.util.List;
import java.util.Optional;

/**
 * A command of {@code qemu-io}.
 *
 * @param name its name
 * @param alias a shorter one
 * @param minimum the fewest arguments
 * @param maximum the most arguments; empty for any number
 * @param arguments the arguments in words
 * @param summary what it does, in one line
 * @param help more about it; whole lines, or empty
 * @param needs what must be open
 * @param action what it does
 */
record IoCommand(
    String name,
    Optional<String> alias,
    int minimum,
    Optional<Integer> maximum,
    String arguments,
    String summary,
    String help,
    Needs needs,
    Action action) {

  /** What must be open. */
  enum Needs {
    NOTHING,
    IMAGE,
    WRITABLE_IMAGE
  }

  /** The work of a command. */
  @FunctionalInterface
  interface Action {
    /**
     * Does it.
     *
     * @param args the words after the command's name
     */
    void run(IoSession session, List<String> args) throws IoFailure, UsageException;
  }

  /** A command that takes exactly these many arguments, until said otherwise. */
  static IoCommand of(String name, int count, String arguments, String summary, Action action) {
    return new IoCommand(
        name,
        Optional.empty(),
        count,
        Optional.of(count),
        arguments,
        summary,
        "",
        Needs.IMAGE,
        action);
  }

  IoCommand alias(String alias) {
    return new IoCommand(
        name, Optional.of(alias), minimum, maximum, arguments, summary, help, needs, action);
  }

  IoCommand atLeast(int minimum) {
    return new IoCommand(
        name, alias, minimum, Optional.empty(), arguments, summary, help, needs, action);
  }

  IoCommand upTo(int maximum) {
    return new IoCommand(
        name, alias, minimum, Optional.of(maximum), arguments, summary, help, needs, action);
  }

  IoCommand needs(Needs needs) {
    return new IoCommand(name, alias, minimum, maximum, arguments, summary, help, needs, action);
  }

  IoCommand help(String help) {
    return new IoCommand(name, alias, minimum, maximum, arguments, summary, help, needs, action);
  }

  /** How it is used, in one line, under the name by which it was called. */
  String usage(String calledName) {
    return arguments.isEmpty() && !name.equals("map")
        ? calledName + " -- " + summary
        : calledName + " " + arguments + " -- " + summary;
  }

  /** Refuses a number of arguments that it does not take, under the name by which it was called. */
  void checkCount(String calledName, int count) throws IoFailure {
    if (count >= minimum && (maximum.isEmpty() || count <= maximum.get())) {
      return;
    }
    String expected;
    if (maximum.isEmpty()) {
      expected = "at least %d arguments".formatted(minimum);
    } else if (maximum.get() == minimum) {
      expected = "%d arguments".formatted(minimum);
    } else {
      expected = "between %d and %d arguments".formatted(minimum, maximum.get());
    }
    throw IoFailure.err(
        "bad argument count %d to %s, expected %s".formatted(count, calledName, expected));
  }
}
