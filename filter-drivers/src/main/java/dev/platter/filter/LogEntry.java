package dev.platter.filter;

import java.lang.foreign.MemorySegment;

/** What a log of writes says about one request; offsets and lengths in bytes. */
public sealed interface LogEntry {

  /**
   * A write.
   *
   * @param bytes what was written, read-only
   * @param forced whether it was durable when it ended (FUA)
   */
  record Write(long offset, MemorySegment bytes, boolean forced) implements LogEntry {}

  /** A discard. */
  record Discard(long offset, long length) implements LogEntry {}

  /** A flush: everything before it in the log is durable. */
  record Flush() implements LogEntry {}

  /** Something that the log's owner wanted to find again. */
  record Mark(String text) implements LogEntry {}
}
