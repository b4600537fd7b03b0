package dev.platter.tck.format;

import dev.platter.api.BlockNode;
import dev.platter.tck.Capability;
import dev.platter.tck.DiskModel;
import dev.platter.tck.RandomWalk;
import dev.platter.tck.Seeds;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What a driver owes to images of other programs: their bytes, and to keep them when it writes. */
public interface SampleContract extends FormatFixture {

  @Test
  default void samplesReadAsWhatWasStoredInThem() throws IOException {
    for (Sample sample : samples()) {
      DiskModel model = new DiskModel(sample.content().bytes());
      try (BlockNode node = new FormatImage(this, sample.image()).open(true)) {
        model.assertEquals(node);
        for (int at = 1; at + 5000 < model.size(); at += 4999) {
          model.assertEquals(node, at, 5000);
        }
      }
    }
  }

  @Test
  default void samplesCanBeWrittenLikeOtherImages() {
    needs(Capability.WRITE);
    Seeds.run(
        random -> {
          for (Sample sample : samples()) {
            FormatImage image = new FormatImage(this, sample.image().copy());
            new RandomWalk(image, new DiskModel(sample.content().bytes()), random).steps(200);
          }
        });
  }
}
