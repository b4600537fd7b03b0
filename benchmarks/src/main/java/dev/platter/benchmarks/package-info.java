/** JMH benchmarks, outside the default build. */
package dev.platter.benchmarks;
