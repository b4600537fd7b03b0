/** Descriptions of nodes to open, as neutral values between their text forms and the graph. */
package dev.platter.api.spec;
