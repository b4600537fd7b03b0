/** Typed declarations of options, and the values they make of what was written. */
package dev.platter.api.option;
