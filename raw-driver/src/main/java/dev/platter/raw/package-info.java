/** Format driver {@code raw}: guest bytes are host bytes. */
package dev.platter.raw;
