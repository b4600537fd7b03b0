package dev.platter.conf;

/**
 * The value of a site key, and where it comes from.
 *
 * @param key the key, as a properties file writes it
 * @param value the value that counts; in words where there is none
 * @param origin what set it: {@code built-in}, a file with the line, a variable of the environment,
 *     or {@code -D...}
 */
public record SiteValue(String key, String value, String origin) {}
