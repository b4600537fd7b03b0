package dev.platter.qcow2;

import dev.platter.api.option.Option;
import dev.platter.api.option.OptionSchema;

/** The driver's runtime options, each declared once: QEMU's {@code BlockdevOptionsQcow2}. */
final class Qcow2Options {
  private static final long MAXIMUM_CLEAN_INTERVAL_SECONDS = 0xffff_ffffL;

  static final Option<Long> CACHE_SIZE =
      Option.size("cache-size")
          .doc("Bytes of metadata that the L2 and refcount caches may hold together.")
          .defaultText("sum of the two caches")
          .since("2.2")
          .build();
  static final Option<Long> L2_CACHE_SIZE =
      Option.size("l2-cache-size")
          .doc(
              "Bytes that cached L2 tables may take; at least disk_size = l2-cache-size *"
                  + " cluster_size / 8 is covered.")
          .defaultText("1M, at least 8 clusters")
          .since("2.2")
          .build();
  static final Option<Long> REFCOUNT_CACHE_SIZE =
      Option.size("refcount-cache-size")
          .doc("Bytes of refcount blocks to keep.")
          .defaultText("a quarter of l2-cache-size")
          .since("2.2")
          .build();
  static final Option<Long> L2_CACHE_ENTRY_SIZE =
      Option.size("l2-cache-entry-size")
          .doc("Bytes of an L2 table that are read, kept and dropped together; a power of two.")
          .defaultText("4096, at most a cluster")
          .since("2.12")
          .build();
  static final Option<SliceForm> L2_CACHE_FORM =
      Option.choice("l2-cache-form", SliceForm.class)
          .defaultValue(SliceForm.PACKED)
          .doc(
              "How cached L2 tables are kept: packed covers more of a disk in as many bytes; raw"
                  + " keeps and counts 8 bytes for each cluster, as QEMU does.")
          .build();
  static final Option<Long> CACHE_CLEAN_INTERVAL =
      Option.number(
              "cache-clean-interval",
              0,
              MAXIMUM_CLEAN_INTERVAL_SECONDS,
              "Cache clean interval too big")
          .defaultValue(0L)
          .doc("Seconds after which cached metadata that nobody used is dropped; 0 never drops.")
          .since("2.5")
          .build();
  static final Option<CacheSizing> CACHE_SIZING =
      Option.choice("cache-sizing", CacheSizing.class)
          .defaultValue(CacheSizing.QEMU_2_5)
          .doc("Whose rules turn the cache options into sizes.")
          .build();
  static final Option<Boolean> LAZY_REFCOUNTS =
      Option.flag("lazy-refcounts")
          .doc("Postpone refcount updates; the image is marked dirty meanwhile.")
          .defaultText("as the image says")
          .since("1.7")
          .build();
  static final Option<Boolean> PASS_DISCARD_REQUEST =
      Option.flag("pass-discard-request")
          .doc("Free the host's space when a guest's discard frees a cluster.")
          .defaultText("on with discard=unmap")
          .since("1.7")
          .build();
  static final Option<Boolean> PASS_DISCARD_SNAPSHOT =
      Option.flag("pass-discard-snapshot")
          .defaultValue(true)
          .doc("Free the host's space when deleting a snapshot frees a cluster.")
          .since("1.7")
          .build();
  static final Option<Boolean> PASS_DISCARD_OTHER =
      Option.flag("pass-discard-other")
          .defaultValue(false)
          .doc("Free the host's space when anything else frees a cluster.")
          .since("1.7")
          .build();
  static final Option<Boolean> DISCARD_NO_UNREF =
      Option.flag("discard-no-unref")
          .defaultValue(false)
          .doc("Keep a discarded or zeroed cluster allocated to its guest range; version 3 only.")
          .since("8.1")
          .build();
  static final Option<String> ENCRYPT_FORMAT =
      Option.text("encrypt.format")
          .doc("The image's encryption: aes or luks.")
          .since("2.10")
          .build();
  static final Option<String> ENCRYPT_KEY_SECRET =
      Option.text("encrypt.key-secret")
          .doc("The name of the secret that holds the passphrase.")
          .since("2.10")
          .build();

  static final Option<String> SNAPSHOT_ID =
      Option.text("snapshot.id")
          .doc("Read the internal snapshot with this id instead of the disk; needs read-only=on.")
          .build();
  static final Option<String> SNAPSHOT_NAME =
      Option.text("snapshot.name")
          .doc("Read the internal snapshot with this name instead of the disk; needs read-only=on.")
          .build();

  /** All of them, in the order of documentation. */
  static final OptionSchema SCHEMA = schema();

  private Qcow2Options() {}

  private static OptionSchema schema() {
    return OptionSchema.of(
            CACHE_SIZE,
            L2_CACHE_SIZE,
            REFCOUNT_CACHE_SIZE,
            L2_CACHE_ENTRY_SIZE,
            L2_CACHE_FORM,
            CACHE_CLEAN_INTERVAL,
            CACHE_SIZING,
            LAZY_REFCOUNTS,
            PASS_DISCARD_REQUEST,
            PASS_DISCARD_SNAPSHOT,
            PASS_DISCARD_OTHER,
            DISCARD_NO_UNREF,
            OverlapOptions.TEMPLATE,
            OverlapOptions.NESTED_TEMPLATE)
        .and(OptionSchema.of(OverlapOptions.SWITCHES.values().toArray(Option[]::new)))
        .and(OptionSchema.of(ENCRYPT_FORMAT, ENCRYPT_KEY_SECRET, SNAPSHOT_ID, SNAPSHOT_NAME));
  }
}
