/** The closed set of failures that the block layer reports. */
package dev.platter.api.error;
