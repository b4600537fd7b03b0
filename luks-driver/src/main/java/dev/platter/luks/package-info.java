/**
 * Format driver {@code luks}: a disk whose sectors lie in a file, encrypted, behind a LUKS version
 * 1 header.
 */
package dev.platter.luks;
