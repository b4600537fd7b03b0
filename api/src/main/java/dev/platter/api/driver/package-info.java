/**
 * The plug-in SPI: what a driver implements and what the graph lends to it.
 *
 * <p>A new format is a {@link dev.platter.api.driver.FormatDriverProvider} that opens a {@link
 * dev.platter.api.driver.FormatDriver}, whose {@code map} says where guest bytes live. Nothing else
 * of Platter is needed or touched.
 */
package dev.platter.api.driver;
