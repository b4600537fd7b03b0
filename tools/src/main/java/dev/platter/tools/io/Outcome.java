package dev.platter.tools.io;

/**
 * What became of a request.
 *
 * @param text whole lines to be printed, or nothing
 * @param succeeded whether it did what was asked
 */
record Outcome(String text, boolean succeeded) {}
