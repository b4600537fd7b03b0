/** The node graph, and the one loop that moves the bytes of every format. */
package dev.platter.graph;
