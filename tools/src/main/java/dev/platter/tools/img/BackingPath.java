package dev.platter.tools.img;

/** Where a backing file is, as seen from where the image's own name is understood. */
final class BackingPath {
  private BackingPath() {}

  /**
   * A relative name is taken from the folder of the image that names it. Nothing is made absolute
   * or shortened: messages and {@code info} show the path.
   */
  static String of(String imageName, String backingName) {
    int folderEnd = imageName.lastIndexOf('/') + 1;
    boolean whole = folderEnd == 0 || backingName.startsWith("/") || hasProtocol(backingName);
    return whole ? backingName : imageName.substring(0, folderEnd) + backingName;
  }

  private static boolean hasProtocol(String name) {
    int colonIndex = name.indexOf(':');
    int slashIndex = name.indexOf('/');
    return colonIndex >= 0 && (slashIndex < 0 || colonIndex < slashIndex);
  }
}
