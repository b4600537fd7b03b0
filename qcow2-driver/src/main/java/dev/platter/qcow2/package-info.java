/** Format driver {@code qcow2}. */
package dev.platter.qcow2;
