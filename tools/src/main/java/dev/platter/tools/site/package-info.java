/**
 * {@code platter conf} and {@code platter cache}: what holds on this host, and what it should be.
 */
package dev.platter.tools.site;
