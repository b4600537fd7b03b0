/** A small format in a jar of its own, found by {@code ServiceLoader}. */
package dev.platter.toy;
