package dev.platter.tck;

import org.junit.jupiter.api.Test;

/** Random operations against a byte array: what no list of cases thinks of. */
public interface RandomContract extends NodeFixture {

  @Test
  default void randomOperationsLeaveWhatAByteArrayWouldHold() {
    needs(Capability.WRITE);
    Seeds.run(
        random ->
            new RandomWalk(medium(diskBytes()), new DiskModel(diskBytes()), random).steps(500));
  }
}
