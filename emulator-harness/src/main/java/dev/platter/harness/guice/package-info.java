/** The wiring of a block runtime for those who use Guice; nothing else needs it. */
package dev.platter.harness.guice;
