/** The {@code -drive} option grammar and the site defaults. */
package dev.platter.conf;
