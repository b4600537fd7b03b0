/** The {@code platter} command. */
package dev.platter.tools;
