package dev.platter.harness.stress;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.ProtocolDriverProvider;
import dev.platter.api.driver.ProtocolOpening;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValues;
import dev.platter.tck.fake.FaultyNode;
import java.io.IOException;

/** Host files, of which the one that was opened last can be made to fail. */
final class FaultyFiles implements ProtocolDriverProvider {
  private final ProtocolDriverProvider files;
  private FaultyNode last;

  FaultyFiles(ProtocolDriverProvider files) {
    this.files = files;
  }

  /** The file that was opened last. */
  synchronized FaultyNode last() {
    return last;
  }

  @Override
  public String name() {
    return files.name();
  }

  @Override
  public String description() {
    return files.description();
  }

  @Override
  public OptionSchema options() {
    return files.options();
  }

  @Override
  public OptionSchema createOptions() {
    return files.createOptions();
  }

  @Override
  public synchronized BlockNode open(ProtocolOpening opening) throws IOException {
    last = new FaultyNode(files.open(opening));
    return last;
  }

  @Override
  public void create(String fileName, long sizeBytes, OptionValues options) throws IOException {
    files.create(fileName, sizeBytes, options);
  }

  @Override
  public void delete(String fileName) throws IOException {
    files.delete(fileName);
  }
}
