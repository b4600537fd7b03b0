/**
 * A small writable format with backing files, in a jar of its own: the worked example of {@code
 * docs/drivers.md}.
 *
 * <p>An image is a header of one sector, a table with one {@code u32} for each cluster of the
 * virtual disk, and the clusters. It depends on the api alone.
 */
package dev.platter.toy;
