package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ClusterSetTest {
  @Test
  void agreesWithASetOfBoxes() {
    ClusterSet set = new ClusterSet();
    Set<Long> model = new HashSet<>();
    Random random = new Random(3);
    for (int i = 0; i < 20_000; i++) {
      long cluster = random.nextInt(5_000) * (random.nextBoolean() ? 1L : 1L << 40);
      if (random.nextInt(3) == 0) {
        set.remove(cluster);
        model.remove(cluster);
      } else {
        set.add(cluster);
        model.add(cluster);
      }
    }
    for (long cluster = 0; cluster < 5_000; cluster++) {
      assertThat(set.contains(cluster)).isEqualTo(model.contains(cluster));
      assertThat(set.contains(cluster << 40)).isEqualTo(model.contains(cluster << 40));
    }
  }
}
