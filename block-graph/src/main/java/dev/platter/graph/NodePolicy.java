package dev.platter.graph;

import dev.platter.api.option.OptionValues;
import dev.platter.api.spec.GenericOptions;
import dev.platter.api.spec.GenericOptions.DetectZeroes;

/**
 * What the generic options make of a format node's requests.
 *
 * @param writeThrough whether every write is flushed before it completes
 * @param unmaps whether discards, and zero-writes that may unmap, free space
 * @param detectZeroes what a write of zeros becomes
 */
record NodePolicy(boolean writeThrough, boolean unmaps, DetectZeroes detectZeroes) {

  static NodePolicy of(OptionValues generic) {
    return new NodePolicy(
        !generic.get(GenericOptions.CACHE_WRITEBACK),
        generic.get(GenericOptions.DISCARD).unmaps(),
        generic.get(GenericOptions.DETECT_ZEROES));
  }
}
