package dev.platter.file;

import dev.platter.api.Preallocation;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionType;

/** The options of the driver {@code file}. */
final class FileOptions {
  /** By which means requests reach the host. */
  enum Aio implements OptionType.Word {
    THREADS("threads"),
    NATIVE("native"),
    IO_URING("io_uring");

    private final String word;

    Aio(String word) {
      this.word = word;
    }

    @Override
    public String word() {
      return word;
    }
  }

  /** Whether the file is locked against other processes. */
  enum Locking {
    AUTO,
    ON,
    OFF
  }

  static final Option<String> FILENAME =
      Option.text("filename").doc("The host file.").since("1.7").build();
  static final Option<Aio> AIO =
      Option.choice("aio", Aio.class)
          .defaultValue(Aio.THREADS)
          .doc(
              "How requests reach the host: by calls of the caller's thread (threads), or by queues"
                  + " of the kernel's, one a thread; native needs cache.direct=on.")
          .since("2.9")
          .build();
  static final Option<Locking> LOCKING =
      Option.choice("locking", Locking.class)
          .defaultValue(Locking.AUTO)
          .doc(
              "Lock the file against other processes, as QEMU does. auto does without where the"
                  + " host cannot; on is refused there.")
          .since("2.10")
          .build();
  static final Option<Boolean> NATIVE =
      Option.flag("native")
          .defaultText("on where the host is Linux and the JVM grants native access")
          .doc("Call the C library, not Java's channels: faster, and with holes and cache.direct.")
          .build();
  static final Option<Long> AIO_MAX_BATCH =
      Option.number("aio-max-batch", 0, Long.MAX_VALUE)
          .defaultValue(0L)
          .doc("Taken for QEMU's sake: each thread hands its requests to the kernel one by one.")
          .since("6.1")
          .build();
  static final Option<String> PR_MANAGER =
      Option.text("pr-manager")
          .doc("A manager of persistent reservations, of which there are none: it is refused.")
          .since("2.11")
          .build();
  static final Option<Boolean> DROP_CACHE =
      Option.flag("drop-cache")
          .defaultValue(true)
          .doc("Taken for QEMU's sake: it is about migration between hosts.")
          .since("3.0")
          .build();
  static final Option<Boolean> CHECK_CACHE_DROPPED =
      Option.flag("x-check-cache-dropped")
          .defaultValue(false)
          .doc("Taken for QEMU's sake: it is about migration between hosts.")
          .since("3.0")
          .build();
  static final OptionSchema SCHEMA =
      OptionSchema.of(
          FILENAME,
          AIO,
          LOCKING,
          AIO_MAX_BATCH,
          PR_MANAGER,
          DROP_CACHE,
          CHECK_CACHE_DROPPED,
          NATIVE);

  static final Option<Preallocation> PREALLOCATION =
      Option.choice("preallocation", Preallocation.class)
          .defaultValue(Preallocation.OFF)
          .doc("Preallocation mode (allowed values: off, falloc, full)")
          .since("2.2")
          .build();
  static final Option<Boolean> NOCOW =
      Option.flag("nocow")
          .defaultValue(false)
          .doc("Turn off copy-on-write (valid only on btrfs)")
          .since("2.2")
          .build();
  static final Option<Long> EXTENT_SIZE_HINT =
      Option.size("extent_size_hint")
          .defaultValue(1L << 20)
          .doc("Extent size hint for the image file, 0 to disable")
          .since("5.2")
          .build();
  static final OptionSchema CREATE_SCHEMA = OptionSchema.of(NOCOW, PREALLOCATION, EXTENT_SIZE_HINT);

  private FileOptions() {}
}
