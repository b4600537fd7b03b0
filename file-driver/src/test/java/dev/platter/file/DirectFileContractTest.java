package dev.platter.file;

import dev.platter.file.FileNodes.Means;

/** A host file behind direct I/O takes requests of any shape. */
class DirectFileContractTest extends HostFileContract {
  DirectFileContractTest() {
    super(Means.DIRECT);
  }
}
