package dev.platter.qcow2;

import dev.platter.api.driver.DescribedFormat.FormatDetails;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What an image says of itself, by the names of {@code qemu-img info}. */
final class ImageDetails {
  private ImageDetails() {}

  static FormatDetails of(String imageName, ImageFile file, Qcow2Header header) throws IOException {
    FeatureBits features = header.features();
    Map<String, Object> specific = new LinkedHashMap<>();
    specific.put("compat", header.version() == 2 ? "0.10" : "1.1");
    specific.put(
        "compression-type",
        header.compressionType() == Qcow2Header.COMPRESSION_ZSTD ? "zstd" : "zlib");
    if (header.version() >= 3) {
      specific.put("lazy-refcounts", features.lazyRefcounts());
    }
    specific.put("refcount-bits", (long) header.geometry().refcountBits());
    if (features.dataFile()) {
      header
          .extension(HeaderExtension.DataFile.class)
          .ifPresent(dataFile -> specific.put("data-file", dataFile.fileName()));
      specific.put("data-file-raw", features.dataFileRaw());
    }
    ImageEncryption.describe(imageName, file, header)
        .ifPresent(encryption -> specific.put("encrypt", encryption));
    if (header.version() >= 3) {
      specific.put("corrupt", features.corrupt());
      specific.put("extended-l2", features.extendedL2());
    }
    bitmaps(imageName, file, header).ifPresent(bitmaps -> specific.put("bitmaps", bitmaps));
    return new FormatDetails(
        OptionalLong.of(header.geometry().clusterBytes()),
        features.dirty(),
        header.cryptMethod() != Qcow2Header.CRYPT_NONE,
        false,
        specific);
  }

  private static Optional<List<Map<String, Object>>> bitmaps(
      String imageName, ImageFile file, Qcow2Header header) throws IOException {
    Optional<HeaderExtension.Bitmaps> where = header.extension(HeaderExtension.Bitmaps.class);
    if (where.isEmpty()) {
      return Optional.empty();
    }
    List<Map<String, Object>> described = new ArrayList<>();
    for (StoredBitmap bitmap :
        StoredBitmap.readAll(imageName, file, header.geometry(), where.get())) {
      described.add(describe(bitmap));
    }
    return Optional.of(described);
  }

  private static Map<String, Object> describe(StoredBitmap bitmap) {
    List<String> flags = new ArrayList<>();
    if ((bitmap.flags() & StoredBitmap.IN_USE) != 0) {
      flags.add("in-use");
    }
    if ((bitmap.flags() & StoredBitmap.AUTO) != 0) {
      flags.add("auto");
    }
    Map<String, Object> described = new LinkedHashMap<>();
    described.put("flags", flags);
    described.put("name", bitmap.name());
    described.put("granularity", 1L << bitmap.granularityBits());
    return described;
  }
}
