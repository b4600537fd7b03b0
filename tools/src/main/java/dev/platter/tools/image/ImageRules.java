package dev.platter.tools.image;

import dev.platter.api.driver.CacheBudget;
import dev.platter.api.driver.OpenGate;
import dev.platter.graph.ChainLimit;

/**
 * What holds for all images of a command, whatever its command line says of each.
 *
 * @param gate decides about files that images name
 * @param limit how deep a chain of them may be
 * @param budget what the caches of all of them may hold together
 */
public record ImageRules(OpenGate gate, ChainLimit limit, CacheBudget budget) {}
