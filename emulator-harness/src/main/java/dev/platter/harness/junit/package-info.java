/**
 * A JUnit 5 extension that gives tests disks, chains and a mock guest. Needs the {@code driver-tck}
 * and JUnit, which are optional dependencies of this module, on the test's class path.
 */
package dev.platter.harness.junit;
