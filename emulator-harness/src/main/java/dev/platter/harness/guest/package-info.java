/** A mock guest: a driver that writes real descriptor rings into guest memory. */
package dev.platter.harness.guest;
