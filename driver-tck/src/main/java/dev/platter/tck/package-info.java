/** The conformance kit that a driver author subclasses. */
package dev.platter.tck;
