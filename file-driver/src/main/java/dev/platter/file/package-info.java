/** Protocol driver {@code file}: the bytes of a host file. */
package dev.platter.file;
