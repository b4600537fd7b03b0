/** {@code platter guest}: a mock guest runs a workload on a drive. */
package dev.platter.tools.guest;
