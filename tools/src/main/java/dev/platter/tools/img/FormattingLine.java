package dev.platter.tools.img;

import dev.platter.api.error.OptionException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionType;
import dev.platter.api.option.OptionValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The line that says what is made: {@code Formatting 'a.qcow2', fmt=qcow2 cluster_size=65536 ...}.
 *
 * <p>Scripts compare it, so options stand in QEMU's order, and those that QEMU leaves out unless
 * they are given are left out.
 */
final class FormattingLine {
  private static final List<String> ORDER =
      List.of(
          "encryption",
          "encrypt.format",
          "encrypt.key-secret",
          "encrypt.cipher-alg",
          "encrypt.cipher-mode",
          "encrypt.ivgen-alg",
          "encrypt.ivgen-hash-alg",
          "encrypt.hash-alg",
          "encrypt.iter-time",
          "cluster_size",
          "extended_l2",
          "preallocation",
          "compression_type",
          CreateOptions.SIZE,
          "compat",
          CreateOptions.BACKING_FILE,
          CreateOptions.BACKING_FORMAT,
          "data_file",
          "data_file_raw",
          "lazy_refcounts",
          "refcount_bits");
  private static final List<String> FILE_ORDER =
      List.of("nocow", CreateOptions.PREALLOCATION, "extent_size_hint");
  private static final Set<String> ONLY_IF_GIVEN =
      Set.of("encryption", "preallocation", "compat", "data_file_raw", "nocow", "extent_size_hint");

  private FormattingLine() {}

  /** The line, without a line feed. */
  static String of(String fileName, CreateOptions options) {
    StringBuilder line = new StringBuilder();
    line.append("Formatting '").append(fileName).append("', fmt=").append(options.driver().name());
    for (String name : order(options)) {
      text(name, options)
          .ifPresent(value -> line.append(' ').append(name).append('=').append(value));
    }
    return line.toString();
  }

  /** QEMU's order, then what QEMU does not have. */
  private static List<String> order(CreateOptions options) {
    boolean reserves = options.protocolReserves();
    List<String> order = new ArrayList<>(reserves ? List.of(CreateOptions.SIZE) : ORDER);
    options.driver().createOptions().names().stream()
        .filter(name -> !order.contains(name) && !(reserves && FILE_ORDER.contains(name)))
        .forEach(order::add);
    FILE_ORDER.stream().filter(name -> !order.contains(name)).forEach(order::add);
    return order;
  }

  private static Optional<String> text(String name, CreateOptions options) {
    Optional<? extends Option<?>> option = options.option(name);
    Optional<String> given = options.find(name);
    if (given.isEmpty()) {
      return ONLY_IF_GIVEN.contains(name)
          ? Optional.empty()
          : option.flatMap(FormattingLine::defaultText);
    }
    boolean isNumber =
        name.equals(CreateOptions.SIZE)
            || option.filter(o -> !(o.type() instanceof OptionType.Text)).isPresent();
    return Optional.of(isNumber ? normal(name, option, given.get()) : escaped(given.get()));
  }

  /** Sizes and numbers are shown as the number that they are, everything else as it was written. */
  private static String normal(String name, Optional<? extends Option<?>> option, String value) {
    OptionType<?> type =
        option.isPresent() ? option.get().type() : Option.size(name).build().type();
    if (!(type instanceof OptionType.Size) && !(type instanceof OptionType.Number)) {
      return value;
    }
    try {
      return String.valueOf(type.read(name, OptionValue.of(value)));
    } catch (OptionException e) {
      return value;
    }
  }

  private static <T> Optional<String> defaultText(Option<T> option) {
    return option.defaultValue().map(option.type()::write);
  }

  private static String escaped(String text) {
    return text.replace(",", ",,");
  }
}
