/** {@code platter img}: the commands of {@code qemu-img}, with its options, words and statuses. */
package dev.platter.tools.img;
