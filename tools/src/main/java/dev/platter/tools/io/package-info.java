/** {@code platter io}: the commands of {@code qemu-io}, with its options, output and statuses. */
package dev.platter.tools.io;
