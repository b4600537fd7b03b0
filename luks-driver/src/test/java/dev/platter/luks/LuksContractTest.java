package dev.platter.luks;

import dev.platter.tck.NodeContract;
import dev.platter.tck.format.FenceContract;
import dev.platter.tck.format.ImageContract;
import dev.platter.tck.format.ProviderContract;

/**
 * A LUKS volume keeps the contract of formats. What a hostile header can do is tested where headers
 * are read; how long a passphrase is derived is the header's to say.
 */
class LuksContractTest extends NodeContract
    implements LuksFixture, ProviderContract, ImageContract, FenceContract {

  /** All that a volume could store is stored. */
  @Override
  public long hugeBytes() {
    return 4 << 20;
  }
}
