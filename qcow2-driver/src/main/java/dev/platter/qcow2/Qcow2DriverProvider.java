package dev.platter.qcow2;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.api.driver.FormatOpening;
import dev.platter.api.driver.ImageCreation;
import dev.platter.api.driver.ImageMeasure;
import dev.platter.api.driver.MeasureRequest;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValues;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** The format driver {@code qcow2}. */
public final class Qcow2DriverProvider implements FormatDriverProvider {
  private static final int CERTAIN = 100;

  /** For {@link java.util.ServiceLoader}. */
  public Qcow2DriverProvider() {}

  @Override
  public String name() {
    return "qcow2";
  }

  @Override
  public String description() {
    return "QEMU's copy-on-write images, versions 2 and 3.";
  }

  @Override
  public Set<String> childRoles() {
    return Set.of("file", "backing", GuestData.ROLE);
  }

  @Override
  public List<OptionProblem> validate(OptionValues values) {
    return Qcow2Settings.together(values);
  }

  @Override
  public List<OptionProblem> validateCreation(ImageCreation creation) {
    return CreateRules.problems(creation);
  }

  @Override
  public OptionSchema options() {
    return Qcow2Options.SCHEMA;
  }

  @Override
  public OptionSchema createOptions() {
    return Qcow2CreateOptions.SCHEMA;
  }

  @Override
  public OptionSchema amendOptions() {
    return Qcow2AmendOptions.SCHEMA;
  }

  @Override
  public int probe(MemorySegment head, String fileName) {
    ByteBuffer words = head.asByteBuffer(); // big-endian
    boolean ours =
        words.remaining() >= 2 * Integer.BYTES
            && words.getInt() == HeaderCodec.MAGIC
            && Integer.compareUnsigned(words.getInt(), 2) >= 0;
    return ours ? CERTAIN : 0;
  }

  @Override
  public FormatDriver open(FormatOpening opening) throws IOException {
    Qcow2Header decoded = HeaderCodec.decode(opening.imageName(), new ImageFile(opening.file()));
    OpenRules.check(opening, decoded);
    ImageOpening found = ImageOpening.of(opening, decoded);
    Qcow2Settings.of(opening.options(), decoded); // options are refused before anything is written
    Optional<ImageEncryption> encryption = ImageEncryption.open(opening, decoded);
    try {
      Qcow2Header header = opening.readOnly() ? decoded : WriteOpening.prepare(opening, decoded);
      Qcow2Settings settings = Qcow2Settings.of(opening.options(), header);
      return new Qcow2Format(found, header, settings, encryption);
    } catch (IOException | RuntimeException e) {
      encryption.ifPresent(ImageEncryption::close);
      throw e;
    }
  }

  @Override
  public CheckReport check(
      BlockNode file, String imageName, Repair repair, Consumer<String> findings)
      throws IOException {
    return Qcow2Checker.check(imageName, file, repair, findings);
  }

  @Override
  public ImageMeasure measure(MeasureRequest request) throws IOException {
    return MeasuredImage.of(request);
  }

  @Override
  public void create(BlockNode file, ImageCreation creation) throws IOException {
    create(file, Map.of(), creation);
  }

  @Override
  public void create(BlockNode file, Map<String, BlockNode> others, ImageCreation creation)
      throws IOException {
    Qcow2Creator.create(file, Optional.ofNullable(others.get(GuestData.ROLE)), creation);
  }

  @Override
  public Map<String, String> createdFiles(OptionValues options) {
    return options
        .given(Qcow2CreateOptions.DATA_FILE)
        .map(name -> Map.of(GuestData.ROLE, name))
        .orElse(Map.of());
  }
}
