package dev.platter.tools.io;

/** What {@code help COMMAND} says below the line that shows how the command is used. */
final class IoHelp {
  static final String READ =
      """

       Reads a range and, with -P, checks that it holds a pattern. The status is 1 if it does not.
       Numbers may have a suffix k, M, G, T, P or E.

       -P, the byte that must have been read
       -s, where in the range the pattern begins (only with -P)
       -l, how long the pattern is (only with -P)
       -v, show the bytes
       -b, the machine's state, which lies behind the disk
       -C, print the statistics as numbers: bytes,ops,time,bytes/s,ops/s
       -q, print no statistics
       -p, ignored

      """;
  static final String WRITE =
      """

       Writes a range. Without -P it is filled with the byte 0xcd.

       -P, the byte to write
       -s, a file whose contents are written again and again
       -b, the machine's state, which lies behind the disk
       -c, compressed
       -z, write zeros without sending them
       -u, with -z: the space may be freed
       -n, with -z: not limited to the length of other requests
       -f, flush afterwards
       -C, print the statistics as numbers: bytes,ops,time,bytes/s,ops/s
       -q, print no statistics
       -p, ignored

      """;
  static final String LATER =
      """

       The request runs beside the commands that follow. Its statistics are printed by aio_flush,
       or when the image is closed.

      """;
  static final String VECTOR =
      """

       One request for as many pieces of memory as there are lengths; else as with one length.

       -P, the byte to write, or that must have been read
       -f, flush afterwards (only to write)
       -v, show the bytes (only to read)
       -C, print the statistics as numbers: bytes,ops,time,bytes/s,ops/s
       -q, print no statistics

      """;
  static final String DISCARD =
      """

       Gives a range up: its space may be freed, and it may read as zeros afterwards.

       -C, print the statistics as numbers: bytes,ops,time,bytes/s,ops/s
       -q, print no statistics

      """;
  static final String OPEN =
      """

       Opens an image for the commands that follow; the one before has to be closed.

       -r, read-only
       -s, write to a temporary overlay
       -C, copy what is read into the image
       -n, short for -t none
       -U, share the image with a program that writes to it
       -k, short for -i native
       -i, threads, native or io_uring
       -t, writeback, none, writethrough, directsync or unsafe
       -d, unmap or ignore
       -o, options of the image: driver=qcow2,l2-cache-size=1M; may be given more than once

      """;
  static final String REOPEN =
      """

       Opens the open image again, with some of its options changed.

       -r, read-only
       -w, to be written
       -c, the cache mode
       -o, options of the image

      """;
  static final String SIGNAL =
      """

       Raises the signal of this number, which may end the program.

      """;

  private IoHelp() {}
}
