package dev.platter.tools.io;

import dev.platter.tools.io.IoCommand.Needs;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The commands there are. */
final class IoCommands {
  private static final Map<String, IoCommand> BY_NAME = new LinkedHashMap<>();

  static {
    List<IoCommand> commands =
        List.of(
            IoCommand.of(
                    "abort", 0, "", "simulate a program crash using abort(3)", BreakCommands::abort)
                .needs(Needs.NOTHING),
            IoCommand.of(
                "aio_flush",
                0,
                "",
                "completes all outstanding aio requests",
                SessionCommands::awaitLater),
            IoCommand.of(
                    "aio_read",
                    2,
                    "[-Ciqv] [-P pattern] off len [len..]",
                    "asynchronously reads a number of bytes",
                    ReadCommands::readLater)
                .atLeast(2)
                .help(IoHelp.LATER),
            IoCommand.of(
                    "aio_write",
                    2,
                    "[-Cfiquz] [-P pattern] off len [len..]",
                    "asynchronously writes a number of bytes",
                    WriteCommands::writeLater)
                .atLeast(2)
                .needs(Needs.WRITABLE_IMAGE)
                .help(IoHelp.LATER),
            IoCommand.of(
                    "alloc",
                    1,
                    "offset [count]",
                    "checks if offset is allocated in the file",
                    ImageCommands::alloc)
                .alias("a")
                .upTo(2),
            IoCommand.of(
                "break",
                2,
                "event tag",
                "sets a breakpoint on event and tags the stopped request as tag",
                BreakCommands::set),
            IoCommand.of("close", 0, "", "close the current open file", SessionCommands::close)
                .alias("c"),
            IoCommand.of(
                    "discard",
                    2,
                    "[-Cq] off len",
                    "discards a number of bytes at a specified offset",
                    WriteCommands::discard)
                .alias("d")
                .atLeast(2)
                .needs(Needs.WRITABLE_IMAGE)
                .help(IoHelp.DISCARD),
            IoCommand.of(
                    "flush", 0, "", "flush all in-core file state to disk", ImageCommands::flush)
                .alias("f"),
            IoCommand.of(
                    "help", 0, "[command]", "help for one or all commands", SessionCommands::help)
                .alias("?")
                .upTo(1)
                .needs(Needs.NOTHING),
            IoCommand.of(
                    "info", 0, "", "prints information about the current file", ImageCommands::info)
                .alias("i"),
            IoCommand.of(
                    "length", 0, "", "gets the length of the current file", ImageCommands::length)
                .alias("l"),
            IoCommand.of("map", 0, "", "prints the allocated areas of a file", ImageCommands::map),
            IoCommand.of(
                    "open",
                    1,
                    "[-rsCnkU] [-t cache] [-d discard] [-o options] [path]",
                    "open the file specified by path",
                    SessionCommands::open)
                .alias("o")
                .atLeast(1)
                .needs(Needs.NOTHING)
                .help(IoHelp.OPEN),
            IoCommand.of("quit", 0, "", "exit the program", SessionCommands::quit)
                .alias("q")
                .atLeast(0)
                .needs(Needs.NOTHING),
            IoCommand.of(
                    "read",
                    2,
                    "[-abCqv] [-P pattern [-s off] [-l len]] off len",
                    "reads a number of bytes at a specified offset",
                    ReadCommands::read)
                .alias("r")
                .atLeast(2)
                .help(IoHelp.READ),
            IoCommand.of(
                    "readv",
                    2,
                    "[-Cqv] [-P pattern] off len [len..]",
                    "reads a number of bytes at a specified offset",
                    ReadCommands::readVector)
                .atLeast(2)
                .help(IoHelp.VECTOR),
            IoCommand.of(
                "remove_break", 1, "tag", "remove a breakpoint by tag", BreakCommands::remove),
            IoCommand.of(
                    "reopen",
                    0,
                    "[(-r|-w)] [-c cache] [-o options]",
                    "reopens an image with new options",
                    SessionCommands::reopen)
                .atLeast(0)
                .help(IoHelp.REOPEN),
            IoCommand.of(
                "resume", 1, "tag", "resumes the request tagged as tag", BreakCommands::resume),
            IoCommand.of("sigraise", 1, "signal", "raises a signal", BreakCommands::raise)
                .needs(Needs.NOTHING)
                .help(IoHelp.SIGNAL),
            IoCommand.of(
                    "sleep",
                    1,
                    "",
                    "waits for the given value in milliseconds",
                    SessionCommands::sleep)
                .needs(Needs.NOTHING),
            IoCommand.of(
                    "truncate",
                    1,
                    "[-m prealloc_mode] off",
                    "truncates the current file at the given offset",
                    ImageCommands::truncate)
                .alias("t")
                .upTo(3)
                .needs(Needs.WRITABLE_IMAGE),
            IoCommand.of(
                "wait_break",
                1,
                "tag",
                "waits for the suspension of a request",
                BreakCommands::await),
            IoCommand.of(
                    "write",
                    2,
                    "[-bcCfnquz] [-P pattern | -s source_file] off len",
                    "writes a number of bytes at a specified offset",
                    WriteCommands::write)
                .alias("w")
                .atLeast(2)
                .needs(Needs.WRITABLE_IMAGE)
                .help(IoHelp.WRITE),
            IoCommand.of(
                    "writev",
                    2,
                    "[-Cfq] [-P pattern] off len [len..]",
                    "writes a number of bytes at a specified offset",
                    WriteCommands::writeVector)
                .atLeast(2)
                .needs(Needs.WRITABLE_IMAGE)
                .help(IoHelp.VECTOR));
    commands.forEach(command -> BY_NAME.put(command.name(), command));
  }

  private IoCommands() {}

  /** All commands, by name. */
  static List<IoCommand> all() {
    return List.copyOf(BY_NAME.values());
  }

  /** The command with this name or alias. */
  static Optional<IoCommand> find(String name) {
    IoCommand byName = BY_NAME.get(name);
    return byName != null
        ? Optional.of(byName)
        : BY_NAME.values().stream()
            .filter(command -> command.alias().equals(Optional.of(name)))
            .findFirst();
  }
}
