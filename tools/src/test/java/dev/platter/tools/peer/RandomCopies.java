package dev.platter.tools.peer;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Draws copies of images: {@code convert} and {@code dd}. */
final class RandomCopies {
  private static final int SECTOR_BYTES = 512;

  private final Random random;
  private final RandomCreation creation;
  private final List<RandomImage> copies = new ArrayList<>();

  RandomCopies(Random random, RandomCreation creation) {
    this.random = random;
    this.creation = creation;
  }

  /** All copies so far; some may not have come into being. */
  List<RandomImage> images() {
    return copies;
  }

  /**
   * Copies an image: into a new one, over an earlier copy, or together with others.
   *
   * @param chain the images that the copy may lie above, or hold as well
   */
  List<String> convert(RandomImage image, List<RandomImage> chain) {
    return switch (random.nextInt(7)) {
      case 0 -> copies.isEmpty() ? toNew(image) : List.of(over(image));
      case 1 -> chain.size() == 1 ? toNew(image) : List.of(above(image, chain));
      case 2 -> List.of(together(chain));
      case 3 -> toZeros(image);
      default -> toNew(image);
    };
  }

  private List<String> toNew(RandomImage image) {
    String path = nextPath();
    RandomView source = RandomView.drawFiltered(image, random);
    String how = how() + (random.nextInt(5) == 0 ? " --bitmaps" : "");
    String format = "qcow2";
    String options = "";
    int kind = random.nextInt(9);
    if (kind < 3) {
      format = "raw";
    } else if (kind == 3) {
      format = "luks";
      how = how.replace(" --bitmaps", ""); // refused when the volume is there already, as noise
      options = "key-secret=s," + creation.luksOptions("");
      how +=
          " -o " + options + (source.objects().contains("secret,") ? "" : " " + RandomImage.SECRET);
    } else {
      options = creation.options(path, false, true);
      boolean compress =
          random.nextInt(3) == 0 && !options.contains("encrypt") && !options.contains("data_file");
      how += (compress ? " -c" : "") + " -o " + options;
      how += options.contains("encrypt") && !image.isEncrypted() ? " " + RandomImage.SECRET : "";
    }
    add(path, format, options, image.size());
    return List.of("img convert%s -O %s%s %s".formatted(how, format, source.argument(), path));
  }

  private String how() {
    String how = random.nextInt(3) == 0 ? " -S " + pick("0", "4k", "64k") : "";
    how += random.nextInt(3) == 0 ? " -W -m 3" : "";
    how += random.nextInt(5) == 0 ? " -l " + pick("s0", "s1", "s2", "snapshot.name=s1", "1") : "";
    how += random.nextInt(8) == 0 ? " --salvage" : "";
    how += random.nextInt(8) == 0 && !how.contains(" -S") ? " -C" : "";
    how += random.nextInt(8) == 0 ? " -t " + pick("writeback", "writethrough", "none") : "";
    return how + (random.nextInt(12) == 0 ? " -r 1G" : "");
  }

  /** Over an earlier copy, which may be too small, or not have come into being. */
  private String over(RandomImage image) {
    RandomImage target = copies.get(random.nextInt(copies.size()));
    RandomView source = RandomView.draw(image, random);
    String secret =
        target.isEncrypted() && !source.objects().contains("secret,")
            ? " " + RandomImage.SECRET
            : "";
    return "img convert -n --target-image-opts%s%s%s %s"
        .formatted(how(), secret, source.argument(), target.options());
  }

  /** What lies above an image of the chain, with that one below. */
  private String above(RandomImage image, List<RandomImage> chain) {
    RandomImage below = chain.getFirst();
    String path = nextPath();
    RandomView source = RandomView.draw(image, random);
    String options = creation.options(path, true, false);
    add(path, "qcow2", options, image.size());
    return "img convert%s -O qcow2 -o %s -B %s -F %s%s %s"
        .formatted(how(), options, below.path(), below.format(), source.argument(), path);
  }

  /** Images one behind the other. */
  private String together(List<RandomImage> chain) {
    String path = nextPath();
    RandomImage first = chain.getFirst();
    StringBuilder sources = new StringBuilder();
    long size = 0;
    for (RandomImage image : chain) {
      if (!image.isEncrypted() && image.format().equals(first.format())) {
        sources.append(' ').append(image.path());
        size += image.size();
      }
    }
    add(path, "raw", "", size);
    return "img convert -f %s -O raw%s %s".formatted(first.format(), sources, path);
  }

  /** Into an image that is known to be empty. */
  private List<String> toZeros(RandomImage image) {
    String path = nextPath();
    String options = creation.options(path, false, false);
    RandomImage copy = add(path, "qcow2", options, image.size());
    RandomView source = RandomView.draw(image, random);
    return List.of(
        "img create -q -f qcow2 -o %s %s %d".formatted(options, path, image.size()),
        "img convert -n --target-is-zero -O %s%s%s %s"
            .formatted(copy.format(), how(), source.argument(), path));
  }

  /** Copies blocks of an image. */
  String dd(RandomImage image) {
    String path = nextPath();
    String format = random.nextInt(3) == 0 ? "qcow2" : "raw";
    String options = " bs=%d".formatted(512 << random.nextInt(8));
    options += random.nextInt(4) == 0 ? "" : " count=" + (1 + random.nextInt(200));
    options += random.nextInt(3) == 0 ? "" : " skip=" + random.nextInt(20);
    add(path, format, "", image.size());
    String source = RandomView.drawFiltered(image, random).input();
    return "img dd -O %s%s%s of=%s".formatted(format, source, options, path);
  }

  private String nextPath() {
    return "DIR/copy" + copies.size();
  }

  private RandomImage add(String path, String format, String options, long size) {
    RandomImage copy = new RandomImage(path, format, SECTOR_BYTES, options, size, false);
    copy.setAllocatedOtherwise();
    copies.add(copy);
    return copy;
  }

  private String pick(String... words) {
    return words[random.nextInt(words.length)];
  }
}
