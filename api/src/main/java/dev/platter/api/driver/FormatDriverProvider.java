package dev.platter.api.driver;

import dev.platter.api.BlockNode;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValues;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Finds, opens and creates images of one format. */
public non-sealed interface FormatDriverProvider extends BlockDriverProvider {

  /** How many leading bytes of a file {@link #probe} is shown; shorter files are shown whole. */
  int PROBE_BYTES = 2048;

  /** {@code file} and {@code backing}, unless the format has more or less. */
  @Override
  default Set<String> childRoles() {
    return Set.of("file", "backing");
  }

  /**
   * What the file below an image is to it.
   *
   * @param options values of the driver's own options
   */
  default FileRole fileRole(OptionValues options) {
    return FileRole.IMAGE;
  }

  /**
   * Looks at the beginning of a file.
   *
   * @param head at most {@link #PROBE_BYTES} leading bytes of the file; read-only, untrusted
   * @param fileName the file's name, for formats without a magic number
   * @return how sure the driver is that the file is its own: 0 (no) to 100 (certain)
   */
  int probe(MemorySegment head, String fileName);

  /**
   * Opens an image: reads and validates its header, and as little more as it can.
   *
   * @return the mapper of the open image. {@code opening.file()} stays the caller's to close, also
   *     if this method throws
   * @throws dev.platter.api.error.ImageFormatException if the file is not an acceptable image
   * @throws dev.platter.api.error.OptionException if options contradict each other or the image
   */
  FormatDriver open(FormatOpening opening) throws IOException;

  /**
   * Finds what is wrong with the options of a new image together. Called before any file is
   * touched.
   *
   * @param creation what the image is to be; of its options, perhaps only those that are right by
   *     themselves
   * @return everything that is wrong, with the options' names as keys; empty if nothing is
   */
  default List<OptionProblem> validateCreation(ImageCreation creation) {
    return List.of();
  }

  /**
   * The creation options that an image can be given afterwards, by {@link AmendableFormat}: {@code
   * size}, {@code backing_file} and {@code backing_fmt} among them, if it knows these. Empty if
   * there are none.
   */
  default OptionSchema amendOptions() {
    return OptionSchema.empty();
  }

  /**
   * Writes a new, empty image over whatever {@code file} holds, and flushes it.
   *
   * @param file a writable node; it is resized as needed and stays the caller's to close
   * @throws dev.platter.api.error.OptionException if the options contradict each other; nothing has
   *     been written then
   * @throws UnsupportedFeatureException if the format cannot be created
   */
  default void create(BlockNode file, ImageCreation creation) throws IOException {
    throw new UnsupportedFeatureException(
        "Format driver '" + name() + "' does not support image creation");
  }

  /**
   * Says how large an image's file will be. Makes nothing.
   *
   * @throws dev.platter.api.error.OptionException if the options contradict each other
   * @throws UnsupportedFeatureException if that cannot be said of images of this format
   */
  default ImageMeasure measure(MeasureRequest request) throws IOException {
    throw new UnsupportedFeatureException(
        "Block driver '" + name() + "' does not support size measurement");
  }

  /**
   * Names the further files that a new image is to have, such as an external data file.
   *
   * @param options values of {@link #createOptions()}
   * @return the names by the role in which each is opened later; plain relative names are taken
   *     from the folder of the image
   */
  default Map<String, String> createdFiles(OptionValues options) {
    return Map.of();
  }

  /**
   * Writes a new, empty image as {@link #create(BlockNode, ImageCreation)} does.
   *
   * @param others writable nodes for the files of {@link #createdFiles}, by role; what they hold is
   *     lost, and they stay the caller's to close
   */
  default void create(BlockNode file, Map<String, BlockNode> others, ImageCreation creation)
      throws IOException {
    create(file, creation);
  }

  /**
   * Checks an image that nobody has open; with a repair, mends it. Also images that are too damaged
   * to be opened for writing, which {@link CheckableFormat} never sees.
   *
   * @param file the image's file, writable if {@code repair} is not {@link
   *     CheckableFormat.Repair#NONE}; it stays the caller's to close
   * @param imageName the image's name, for messages
   * @param findings takes one line for each finding, as it is made
   * @return what is wrong after the repair, and how much has been mended
   * @throws UnsupportedFeatureException if images of this format cannot be checked
   */
  default CheckableFormat.CheckReport check(
      BlockNode file, String imageName, CheckableFormat.Repair repair, Consumer<String> findings)
      throws IOException {
    throw new UnsupportedFeatureException("This image format does not support checks");
  }
}
