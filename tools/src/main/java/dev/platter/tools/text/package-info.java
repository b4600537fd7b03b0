/** Text forms that QEMU's programs use: sizes, JSON, progress. They know nothing of images. */
package dev.platter.tools.text;
