/**
 * Nodes as other code likes to see them: channels, streams, sectors.
 *
 * <p>A view over an owned {@link dev.platter.api.Child} closes the node when it is closed; over a
 * borrowed one it leaves it open.
 */
package dev.platter.api.view;
