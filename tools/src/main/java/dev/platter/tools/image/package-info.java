/** How commands open images, and how they word what goes wrong with them. */
package dev.platter.tools.image;
