package dev.platter.tools.peer;

import java.util.Random;

/** Draws commands that look at an image, or mend it. */
final class RandomLooks {
  private final Random random;
  private final RandomCreation creation;

  RandomLooks(Random random, RandomCreation creation) {
    this.random = random;
    this.creation = creation;
  }

  /**
   * Looks at an image.
   *
   * @param other an image to compare it with
   */
  String draw(RandomImage image, RandomImage other) {
    boolean alike = !image.isAllocatedOtherwise() && image.isQcow2();
    boolean json = (random.nextBoolean() && alike) || image.isEncrypted();
    String output = json ? " --output=json" : "";
    RandomView view = RandomView.draw(image, random);
    return switch (random.nextInt(alike ? 8 : 6)) {
      case 0 ->
          "img info --backing-chain%s -f %s%s %s"
              .formatted(random.nextBoolean() ? " -U" : "", image.format(), output, image.path());
      case 1 -> "img check" + output + view.argument();
      case 2 ->
          "img check"
              + (image.hasBitmaps() ? "" : random.nextBoolean() ? " -r all" : " -r leaks")
              + output
              + view.argument();
      case 3 ->
          "img compare%s %s"
              .formatted(
                  random.nextBoolean() && alike ? " -s" : "", RandomImage.pair(image, other));
      case 4, 5 -> measure(image);
      default ->
          "img map --output=json%s%s"
              .formatted(window(image), RandomView.drawFiltered(image, random).argument());
    };
  }

  /** How much room an image of this size would take, whatever its options. */
  private String measure(RandomImage image) {
    String options =
        switch (random.nextInt(6)) {
          case 0 -> "raw";
          case 1 -> "luks -o key-secret=s %s".formatted(RandomImage.SECRET);
          default -> {
            String drawn = creation.options("none", random.nextInt(4) == 0, true);
            yield "qcow2 -o "
                + drawn
                + (drawn.contains("key-secret") ? " " + RandomImage.SECRET : "");
          }
        };
    String output = random.nextBoolean() ? " --output=json" : "";
    return "img measure -O %s%s --size %d".formatted(options, output, image.size());
  }

  private String window(RandomImage image) {
    if (random.nextInt(3) > 0) {
      return "";
    }
    long start = random.nextLong(image.size() + 1);
    return " --start-offset=%d --max-length=%d".formatted(start, 1 + random.nextInt(500_000));
  }

  /**
   * Writes or reads in parallel, within the disk: what fails there ends QEMU's program without
   * closing the image.
   */
  String bench(RandomImage image) {
    int length = 512 * (1 + random.nextInt(150));
    int step = random.nextBoolean() ? length : 512 * (1 + random.nextInt(300));
    long room = image.size() - length;
    if (image.isEncrypted() || !image.hasFirstSize() || room < 0) {
      return "img check " + image.argument();
    }
    long offset = random.nextLong(room + 1) / 512 * 512;
    long count = 1 + Math.min(random.nextInt(20), (room - offset) / step);
    String pattern = random.nextBoolean() ? " --pattern=" + random.nextInt(256) : "";
    int depth = 1 + random.nextInt(8);
    String flush = random.nextInt(3) == 0 ? " --flush-interval=" + (depth + random.nextInt(4)) : "";
    boolean writes = random.nextInt(4) > 0;
    return "img bench%s -c %d -d %d -s %d -S %d -o %d%s"
        .formatted(
            writes ? " -w" + pattern + flush : "",
            count,
            depth,
            length,
            step,
            offset,
            RandomView.draw(image, random).argument());
  }
}
