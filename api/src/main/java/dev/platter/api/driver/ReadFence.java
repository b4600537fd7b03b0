package dev.platter.api.driver;

/**
 * Tells a format driver when mappings that it handed out are no longer used.
 *
 * <p>Reads, and writes in place, take no lock: they use a {@link Mapping.Data} for as long as their
 * transfer lasts. A driver that unlinks a cluster takes a ticket afterwards, and must neither reuse
 * nor punch the cluster until the ticket has passed. Cheap; safe on any thread, also under locks.
 */
public interface ReadFence {

  /**
   * A fence without readers: every ticket has passed at once. For drivers used alone, and tests.
   */
  ReadFence NONE =
      new ReadFence() {
        @Override
        public long ticket() {
          return 0;
        }

        @Override
        public boolean passed(long ticket) {
          return true;
        }
      };

  /** A ticket that stands for this moment. */
  long ticket();

  /** Whether every mapping handed out before the ticket was taken is no longer used. */
  boolean passed(long ticket);
}
