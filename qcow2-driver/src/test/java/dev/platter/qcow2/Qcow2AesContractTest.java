package dev.platter.qcow2;

import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Guest bytes that are encrypted, in every test; AES because it opens without delay. */
class Qcow2AesContractTest extends Qcow2ContractTest {
  @Override
  public Map<String, String> createOptions() {
    return Map.of(
        "cluster_size", "4k", "encrypt.format", "aes", "encrypt.key-secret", "passphrase");
  }

  @Override
  public Map<String, String> openOptions() {
    return Map.of("encrypt.key-secret", "passphrase");
  }

  @Override
  void checkByQemu(MemoryNode image) throws IOException {
    if (Qemu.installed()) {
      Path copy = Files.createTempFile("platter", ".qcow2");
      try {
        Files.write(copy, image.bytes());
        Qemu.img(
            "check",
            "--object",
            "secret,id=s,data=passphrase",
            "--image-opts",
            "driver=qcow2,file.filename=" + copy + ",encrypt.key-secret=s");
      } finally {
        Files.delete(copy);
      }
    }
  }

  /** What QEMU encrypts is read in the tests of the tools. */
  @Override
  public List<Sample> samples() {
    return List.of();
  }
}
