package dev.platter.tck;

/**
 * The whole contract of a {@link dev.platter.api.BlockNode}.
 *
 * <pre>{@code
 * class MyNodeTest extends NodeContract {
 *   @Override
 *   public Set<Capability> capabilities() {
 *     return Set.of(Capability.WRITE);
 *   }
 *
 *   @Override
 *   public Medium medium(long size) throws IOException {
 *     MyStore store = new MyStore(size);
 *     return readOnly -> new MyNode(store, readOnly);
 *   }
 * }
 * }</pre>
 */
public abstract class NodeContract
    implements ReadContract,
        WriteContract,
        ZeroContract,
        ResizeContract,
        RandomContract,
        ConcurrencyContract,
        CloseContract {

  /** For subclasses. */
  protected NodeContract() {}
}
