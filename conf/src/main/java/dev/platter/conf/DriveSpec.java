package dev.platter.conf;

import dev.platter.api.driver.DriverLookup;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionValue;
import dev.platter.api.spec.ChildSpec;
import dev.platter.api.spec.GenericOptions;
import dev.platter.api.spec.NodeSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A drive: what QEMU's {@code -drive} says. An immutable value; nothing is open.
 *
 * <p>{@link #parse} and {@link #toString} are inverses: {@code parse(spec.toString())} equals
 * {@code spec}, whatever characters its file names hold. For that, the constructor brings a node to
 * the form that a string has:
 *
 * <ul>
 *   <li>I1: every option value is text.
 *   <li>I2: {@code auto-read-only} is set on the top node; {@code on} if nothing was said, as for
 *       every {@code -drive}.
 *   <li>I3: a CD-ROM's top node has {@code read-only=on}.
 *   <li>I4: a node with a {@code filename} has a driver; {@code file} if none was named.
 *   <li>I5: no child is described by nothing at all.
 *   <li>I6: nothing is kept, by {@code copyOnRead}, in a top node with {@code read-only=on}.
 * </ul>
 *
 * @param node the node that holds the disk, with everything below it
 * @param device where the drive is attached, and how it treats its guest
 * @param snapshot whether writes go to a temporary overlay that is deleted when the drive is closed
 * @param copyOnRead whether what is read from backing files is kept in the top image
 * @param throttling how fast its requests may be; empty for no limits
 */
public record DriveSpec(
    NodeSpec node,
    DriveDevice device,
    boolean snapshot,
    boolean copyOnRead,
    Optional<DriveThrottling> throttling) {

  static final String AUTO_READ_ONLY = GenericOptions.AUTO_READ_ONLY.name();
  static final String READ_ONLY = GenericOptions.READ_ONLY.name();

  public DriveSpec {
    Objects.requireNonNull(node, "node");
    Objects.requireNonNull(device, "device");
    Objects.requireNonNull(throttling, "throttling");
    node = textual(node);
    if (!node.options().containsKey(AUTO_READ_ONLY)) {
      node = node.with(AUTO_READ_ONLY, "on");
    }
    if (device.media() == DriveMedia.CDROM) {
      node = node.with(READ_ONLY, "on");
    }
    OptionValue readOnly = node.options().get(READ_ONLY);
    copyOnRead = copyOnRead && (readOnly == null || !OnOff.isOn(readOnly.asText()));
  }

  /** A disk on this node, of which nothing else is said. */
  public static DriveSpec of(NodeSpec node) {
    return new DriveSpec(node, DriveDevice.DISK, false, false, Optional.empty());
  }

  /**
   * Reads a {@code -drive} option string.
   *
   * <p>Warnings are dropped; {@link DriveParser} returns them, and knows named profiles.
   *
   * @throws DriveSyntaxException with everything that is wrong with the string
   */
  public static DriveSpec parse(String text, DriverLookup drivers) throws OptionException {
    return new DriveParser(drivers).parse(text).drive();
  }

  /** The option string in its canonical form, of which {@link #parse} makes an equal value. */
  @Override
  public String toString() {
    return DriveWriter.write(this);
  }

  private static NodeSpec textual(NodeSpec node) {
    Map<String, OptionValue> options = new LinkedHashMap<>();
    node.options().forEach((key, value) -> options.put(key, OptionValue.of(value.asText())));
    Map<String, ChildSpec> children = new LinkedHashMap<>();
    node.children().forEach((role, child) -> children.put(role, textual(child)));
    children.values().removeIf(new ChildSpec.Inline(NodeSpec.probed())::equals);
    Optional<String> driver =
        node.driver().isEmpty() && options.containsKey("filename")
            ? Optional.of("file")
            : node.driver();
    return new NodeSpec(driver, node.nodeName(), options, children);
  }

  private static ChildSpec textual(ChildSpec child) {
    return switch (child) {
      case ChildSpec.Inline inline -> new ChildSpec.Inline(textual(inline.node()));
      case ChildSpec.Reference reference -> reference;
      case ChildSpec.None none -> none;
    };
  }
}
