package dev.platter.filter;

import java.util.Set;

/** The names of the events that a rule of {@code blkdebug} can wait for. */
final class DebugEvents {
  private static final Set<String> NAMES =
      Set.of(
          "cluster_alloc",
          "cluster_alloc_bytes",
          "cluster_alloc_space",
          "cluster_free",
          "cor_write",
          "cow_read",
          "cow_write",
          "empty_image_prepare",
          "flush_to_disk",
          "flush_to_os",
          "l1_grow_activate_table",
          "l1_grow_alloc_table",
          "l1_grow_write_table",
          "l1_shrink_free_l2_clusters",
          "l1_shrink_write_table",
          "l1_update",
          "l2_alloc_cow_read",
          "l2_alloc_write",
          "l2_load",
          "l2_update",
          "l2_update_compressed",
          "none",
          "pwritev",
          "pwritev_done",
          "pwritev_rmw_after_head",
          "pwritev_rmw_after_tail",
          "pwritev_rmw_head",
          "pwritev_rmw_tail",
          "pwritev_zero",
          "read_aio",
          "read_backing_aio",
          "read_compressed",
          "refblock_alloc",
          "refblock_alloc_hookup",
          "refblock_alloc_switch_table",
          "refblock_alloc_write",
          "refblock_alloc_write_blocks",
          "refblock_alloc_write_table",
          "refblock_load",
          "refblock_update",
          "refblock_update_part",
          "reftable_grow",
          "reftable_load",
          "reftable_update",
          "vmstate_load",
          "vmstate_save",
          "write_aio",
          "write_compressed");

  private DebugEvents() {}

  /** Whether there is an event of this name, also if no driver here announces it. */
  static boolean known(String name) {
    return NAMES.contains(name);
  }
}
