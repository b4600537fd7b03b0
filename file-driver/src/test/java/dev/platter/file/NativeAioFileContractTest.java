package dev.platter.file;

import dev.platter.file.FileNodes.Means;

/** A host file reached through Linux's native AIO keeps the contract of nodes. */
class NativeAioFileContractTest extends HostFileContract {
  NativeAioFileContractTest() {
    super(Means.NATIVE_AIO);
  }
}
