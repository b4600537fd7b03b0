package dev.platter.file;

import dev.platter.file.FileNodes.Means;

/** A host file reached through the C library keeps the contract of nodes. */
class NativeFileContractTest extends HostFileContract {
  NativeFileContractTest() {
    super(Means.NATIVE);
  }
}
