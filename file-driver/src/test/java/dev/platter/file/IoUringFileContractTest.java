package dev.platter.file;

import dev.platter.file.FileNodes.Means;

/** A host file reached through io_uring keeps the contract of nodes. */
class IoUringFileContractTest extends HostFileContract {
  IoUringFileContractTest() {
    super(Means.IO_URING);
  }
}
