package dev.platter.tools.peer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Command lines about a chain of images, drawn from a seed: every command of {@code img}, and
 * requests by {@code io}. {@code DIR} stands for a folder. Most can succeed, some do not.
 *
 * <p>An overlay does not shrink, nor grow if its last cluster is cut off; nor is anything
 * preallocated behind such a cluster: QEMU notes zeros as far as the disk grows, stores them in the
 * rest of that cluster, or copies it, and Platter does not. Refcounts of one bit are not amended,
 * none to less than 16 bits, and none of an image with a data file or encryption: QEMU does not
 * come to an end. LUKS volumes are written once and do not grow: what was not written is noise. Raw
 * disks are not taken back to a snapshot: QEMU then warns twice that it has guessed their format.
 * With one bit no snapshots are taken: QEMU leaks the clusters of those that it cannot make; with
 * two none is gone back to: QEMU counts once more meanwhile. Nothing is committed to an image with
 * a machine's state, which QEMU lets show where the disk grows. Nothing with bitmaps is repaired:
 * QEMU forgets its snapshots. What is compressed by zstd is not to become version 2: QEMU expands
 * zero clusters before it refuses. Where {@linkplain RandomImage#isAllocatedOtherwise QEMU has
 * allocated more}, it is not asked how much, and no layer below is changed or skipped, as other
 * parts of it would show. Encrypted images are not to become version 2: QEMU expands zero clusters
 * to noise. Nor are options amended together with that: QEMU changes them ahead of refusing it.
 */
final class RandomCommands {
  private static final int SECTOR_BYTES = 512;
  private static final int MOST_SECTORS = 6000;

  private final Random random;
  private final RandomCreation creation;
  private final RandomRequests requests;
  private final RandomChanges changes;
  private final RandomLooks looks;
  private final RandomCopies copies;
  private final List<RandomImage> chain = new ArrayList<>();

  RandomCommands(long seed) {
    this.random = new Random(seed);
    this.creation = new RandomCreation(random);
    this.requests = new RandomRequests(random);
    this.changes = new RandomChanges(random);
    this.looks = new RandomLooks(random, creation);
    this.copies = new RandomCopies(random, creation);
  }

  /** All images that the commands so far were about; some may not have come into being. */
  List<RandomImage> images() {
    List<RandomImage> images = new ArrayList<>(chain);
    images.addAll(copies.images());
    return images;
  }

  /** The command lines that make the chain. */
  List<String> create() {
    List<String> lines = new ArrayList<>();
    long size = SECTOR_BYTES * (1L + random.nextInt(MOST_SECTORS));
    int kind = random.nextInt(12);
    if (kind < 2) {
      add(
          kind == 0 ? creation.drawRaw("DIR/disk", size) : creation.drawLuks("DIR/disk", size),
          lines);
      return lines;
    }
    int layers = 1 + random.nextInt(3);
    if (random.nextInt(3) == 0) {
      RandomCreation.Created base = creation.drawRaw("DIR/base", size);
      add(base, lines);
    }
    for (int i = 0; i < layers; i++) {
      Optional<RandomImage> below =
          chain.isEmpty() ? Optional.empty() : Optional.of(chain.getLast());
      add(creation.draw("DIR/layer" + i, size, below, i == layers - 1), lines);
      size += (long) SECTOR_BYTES * random.nextInt(3) * random.nextInt(500);
    }
    return lines;
  }

  private void add(RandomCreation.Created created, List<String> lines) {
    chain.add(created.image());
    lines.add(created.command());
    if (created.image().format().equals("luks")) {
      String written = RandomView.plain(created.image()).argument();
      lines.add("io -c 'write -q 0 %d'%s".formatted(created.image().size(), written));
    }
    lines.add(requests.draw(created.image()));
  }

  /** One more step: a command line, or more. */
  List<String> next() {
    RandomImage top = chain.getLast();
    boolean lower = random.nextInt(8) == 0 && isAllocatedAlike();
    RandomImage any = lower ? chain.get(random.nextInt(chain.size())) : top;
    int step = random.nextInt(20);
    if (!suits(step, any) && random.nextInt(8) > 0) {
      return List.of(requests.draw(any));
    }
    return switch (step) {
      case 0 -> List.of(looks.draw(top, chain.getFirst()));
      case 1, 2 -> List.of(changes.snapshot(any));
      case 3, 4 -> List.of(changes.bitmap(any, images()));
      case 5, 6 -> List.of(changes.resize(top));
      case 7, 8 -> List.of(changes.amend(any));
      case 9 -> List.of(commit(top));
      case 10 -> List.of(rebase(top));
      case 11, 12 -> copies.convert(top, chain);
      case 13 -> List.of(copies.dd(top));
      case 14 -> List.of(looks.bench(top));
      default -> List.of(requests.draw(any));
    };
  }

  /** Whether a step of {@link #next} can succeed. */
  private boolean suits(int step, RandomImage image) {
    return switch (step) {
      case 1, 2 -> image.isQcow2() && !image.hasDataFile();
      case 3, 4 -> image.isQcow2() && !image.isVersion2();
      case 7, 8 -> image.isQcow2() || image.hasKeySlots();
      case 9, 10 -> image.isQcow2() && chain.size() > 1;
      default -> true;
    };
  }

  /** Whether the same shows through each layer, whatever becomes of the one below. */
  private boolean isAllocatedAlike() {
    return chain.stream().noneMatch(RandomImage::isAllocatedOtherwise);
  }

  private String commit(RandomImage image) {
    if (chain.stream().anyMatch(below -> below != image && below.hasVmState())) {
      return requests.draw(image);
    }
    boolean alike = isAllocatedAlike();
    chain.forEach(RandomImage::setAllocatedOtherwise);
    String option = random.nextInt(3) == 0 ? " -d" : "";
    if (chain.size() > 2 && alike && random.nextInt(3) == 0) {
      option += " -b " + chain.get(random.nextInt(chain.size() - 1)).path();
    }
    return "img commit" + option + RandomView.draw(image, random).argument();
  }

  private String rebase(RandomImage image) {
    RandomImage below = chain.get(random.nextInt(chain.size()));
    String target =
        below == image || random.nextInt(4) == 0
            ? " -b ''"
            : " -F %s -b %s".formatted(below.format(), below.path());
    String unsafe = random.nextInt(3) == 0 && isAllocatedAlike() ? " -u" : "";
    return "img rebase%s%s %s".formatted(unsafe, target, image.argument());
  }
}
