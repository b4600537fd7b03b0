/** The driver SPI and its value types. */
package dev.platter.api;
