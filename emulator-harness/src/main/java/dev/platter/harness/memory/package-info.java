/** The memory of a guest, as its devices see it. */
package dev.platter.harness.memory;
