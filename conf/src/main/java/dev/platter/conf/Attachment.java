package dev.platter.conf;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A {@code -device} that has a drive.
 *
 * @param device the device's driver: {@code virtio-blk-pci}
 * @param drive the drive's id or the node's name
 * @param properties everything else that is said of the device, in the order in which it was
 *     written
 */
public record Attachment(String device, String drive, Map<String, String> properties) {
  public Attachment {
    properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
  }
}
