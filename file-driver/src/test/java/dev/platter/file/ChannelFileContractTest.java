package dev.platter.file;

import dev.platter.file.FileNodes.Means;

/** A host file reached through Java's channels keeps the contract of nodes. */
class ChannelFileContractTest extends HostFileContract {
  ChannelFileContractTest() {
    super(Means.CHANNEL);
  }
}
