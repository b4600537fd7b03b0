package dev.platter.qcow2;

import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.tck.Capability;
import dev.platter.tck.Seeds;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.format.FormatDriverContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;

class Qcow2ContractTest extends FormatDriverContract {
  @TempDir private Path folder;

  @Override
  public FormatDriverProvider provider() {
    return new Qcow2DriverProvider();
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.allOf(Capability.class);
  }

  /** Where no space may leak, QEMU is the second oracle; power cuts are too many for it. */
  @Override
  public void checkImage(MemoryNode image, boolean mayLeak) throws IOException {
    super.checkImage(image, mayLeak);
    if (!mayLeak) {
      checkByQemu(image);
    }
  }

  /** Expects {@code qemu-img check} to find nothing, where it is installed. */
  void checkByQemu(MemoryNode image) throws IOException {
    Qemu.check(image);
  }

  @Override
  public List<Sample> samples() throws IOException {
    Qemu.assumeInstalled();
    return List.of(compressed(), sharedWithSnapshot());
  }

  /** Half of the clusters compress well, half of them hardly. */
  private Sample compressed() throws IOException {
    byte[] content = Seeds.bytes(new SplittableRandom(19), diskBytes());
    for (int i = 0; i < content.length; i++) {
      content[i] = (i >> 16) % 2 == 0 ? (byte) (i >> 12) : (byte) (content[i] & 0x3f);
    }
    Path raw = Files.write(folder.resolve("content.raw"), content);
    Path image = folder.resolve("compressed.qcow2");
    Qemu.img("convert", "-c", "-O", "qcow2", "-o", options(), raw.toString(), image.toString());
    return new Sample("compressed", Qemu.node(image), MemoryNode.of("content", content));
  }

  /** Every cluster is shared with an internal snapshot, but those written afterwards. */
  private Sample sharedWithSnapshot() throws IOException {
    byte[] content = Seeds.bytes(new SplittableRandom(20), diskBytes());
    Path raw = Files.write(folder.resolve("content.raw"), content);
    Path image = folder.resolve("snapshot.qcow2");
    Qemu.img("convert", "-O", "qcow2", "-o", options(), raw.toString(), image.toString());
    Qemu.img("snapshot", "-c", "before", image.toString());
    Qemu.io(image, "write -P 7 100000 300000");
    Arrays.fill(content, 100_000, 400_000, (byte) 7);
    return new Sample("snapshot", Qemu.node(image), MemoryNode.of("content", content));
  }

  private String options() {
    return createOptions().entrySet().stream()
        .map(option -> option.getKey() + "=" + option.getValue())
        .collect(Collectors.joining(",", "lazy_refcounts=off,", ""))
        .replaceFirst(",$", "");
  }
}
