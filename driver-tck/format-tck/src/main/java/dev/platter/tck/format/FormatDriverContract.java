package dev.platter.tck.format;

import dev.platter.tck.NodeContract;

/**
 * The whole contract of a format driver. A driver's test extends it and gives the provider and its
 * capabilities; for a format that can create its images that is all.
 *
 * <pre>{@code
 * class VmdkFormatTest extends FormatDriverContract {
 *   @Override
 *   public FormatDriverProvider provider() {
 *     return new VmdkDriverProvider();
 *   }
 *
 *   @Override
 *   public Set<Capability> capabilities() {
 *     return Set.of(Capability.WRITE, Capability.BACKING, Capability.PROBE);
 *   }
 * }
 * }</pre>
 *
 * <p>A read-only format overrides {@link #image(byte[])} instead of being written to. Variants of a
 * format (cluster sizes, versions) are subclasses that override {@link #createOptions()}.
 */
public abstract class FormatDriverContract extends NodeContract
    implements ProviderContract,
        ImageContract,
        SampleContract,
        ChainContract,
        FenceContract,
        FaultContract,
        CrashContract,
        HostileContract {

  /** For subclasses. */
  protected FormatDriverContract() {}
}
