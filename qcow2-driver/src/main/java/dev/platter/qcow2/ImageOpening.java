package dev.platter.qcow2;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.DriverEnvironment;
import dev.platter.api.driver.FormatOpening;
import dev.platter.api.driver.ReadFence;
import dev.platter.api.option.OptionValues;
import java.io.IOException;
import java.util.Optional;

/**
 * How an image is opened, and where its guest data is, which is found once, however often the image
 * is opened anew.
 */
record ImageOpening(FormatOpening opening, GuestData guestData) implements FormatOpening {
  /** Finds the guest data of an image with this header. */
  static ImageOpening of(FormatOpening opening, Qcow2Header header) throws IOException {
    return new ImageOpening(opening, GuestData.open(opening, header));
  }

  @Override
  public BlockNode file() {
    return opening.file();
  }

  @Override
  public String nodeName() {
    return opening.nodeName();
  }

  @Override
  public String imageName() {
    return opening.imageName();
  }

  @Override
  public boolean readOnly() {
    return opening.readOnly();
  }

  @Override
  public boolean movesData() {
    return opening.movesData();
  }

  @Override
  public OptionValues options() {
    return opening.options();
  }

  @Override
  public Optional<BlockNode> openChild(String role, Optional<String> nameInImage)
      throws IOException {
    return opening.openChild(role, nameInImage);
  }

  @Override
  public ReadFence readFence() {
    return opening.readFence();
  }

  @Override
  public DriverEnvironment environment() {
    return opening.environment();
  }
}
