/** Workloads of a mock guest, described by a subset of fio's job options. */
package dev.platter.harness.workload;
