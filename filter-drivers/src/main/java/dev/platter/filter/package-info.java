/**
 * Filter drivers that help to test what lies above them: {@code blkdebug}, {@code blklogwrites}.
 */
package dev.platter.filter;
