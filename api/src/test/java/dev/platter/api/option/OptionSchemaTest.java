package dev.platter.api.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.platter.api.error.OptionException;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OptionSchemaTest {
  private enum Color {
    RED,
    DARK_BLUE
  }

  private static final Option<Long> TOTAL =
      Option.size("cache-size").conflictsWith("l2-cache-size", "refcount-cache-size").build();
  private static final Option<Long> L2 = Option.size("l2-cache-size").build();
  private static final Option<Long> REFCOUNT =
      Option.size("refcount-cache-size").conflictsWith("cache-size").build();
  private static final Option<Long> INTERVAL =
      Option.number("cache-clean-interval", 0, 100).defaultValue(7L).build();
  private static final Option<Boolean> LAZY =
      Option.flag("lazy-refcounts").defaultValue(false).build();
  private static final Option<Color> COLOR =
      Option.choice("color", Color.class).defaultValue(Color.DARK_BLUE).build();
  private static final Option<String> TITLE = Option.text("title").build();
  private static final OptionSchema SCHEMA =
      OptionSchema.of(TOTAL, L2, REFCOUNT, INTERVAL, LAZY, COLOR, TITLE);

  @Test
  void valuesHaveTheirTypes() throws OptionException {
    OptionValues values =
        read(
            "l2-cache-size=1M",
            "cache-clean-interval=0x10",
            "lazy-refcounts=yes",
            "color=red",
            "title=a b");
    assertThat(values.get(L2)).isEqualTo(1L << 20);
    assertThat(values.get(INTERVAL)).isEqualTo(16);
    assertThat(values.get(LAZY)).isTrue();
    assertThat(values.get(COLOR)).isEqualTo(Color.RED);
    assertThat(values.get(TITLE)).isEqualTo("a b");
  }

  @Test
  void defaultStandsInForWhatIsNotGiven() throws OptionException {
    OptionValues values = read();
    assertThat(values.get(INTERVAL)).isEqualTo(7);
    assertThat(values.get(COLOR)).isEqualTo(Color.DARK_BLUE);
    assertThat(values.given(INTERVAL)).isEmpty();
    assertThat(values.find(L2)).isEmpty();
    assertThatThrownBy(() -> values.get(L2)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void copyWithAnotherValueLeavesTheOriginal() {
    OptionValues empty = OptionValues.empty();
    OptionValues changed = empty.with(INTERVAL, 9L);
    assertThat(changed.given(INTERVAL)).hasValue(9L);
    assertThat(empty.given(INTERVAL)).isEmpty();
  }

  @Test
  void everythingThatIsWrongIsReportedAtOnceInTheOrderOfTheInput() {
    OptionException e =
        refusal(
            "l2-cahe-size=1M",
            "lazy-refcounts=maybe",
            "cache-clean-interval=101",
            "color=blue",
            "cache-size=1.5",
            "l2-cache-size=1M");
    assertThat(e.problems())
        .extracting(OptionProblem::message)
        .containsExactly(
            "Block format 'toy' does not support the option 'l2-cahe-size'",
            "Parameter 'lazy-refcounts' expects 'on' or 'off'",
            "Value '101' is out of range for parameter 'cache-clean-interval'",
            "Parameter 'color' does not accept value 'blue'",
            "Parameter 'cache-size' expects a non-negative number below 2^64",
            "'cache-size' and 'l2-cache-size' cannot be used at the same time");
    assertThat(e).hasMessageContaining("l2-cahe-size'; Parameter 'lazy-refcounts'");
  }

  @Test
  void problemSaysWhatWasFoundAllowedAndProbablyMeant() {
    assertThat(refusal("l2-cahe-size=1M").problems().getFirst())
        .satisfies(
            problem -> {
              assertThat(problem.key()).isEqualTo("l2-cahe-size");
              assertThat(problem.suggestion()).hasValue("l2-cache-size");
              assertThat(problem.allowed()).startsWith("cache-size, l2-cache-size, ");
            });
    assertThat(refusal("cache-clean-interval=101").problems().getFirst().allowed())
        .isEqualTo("0 to 100");
    assertThat(refusal("color=dark-bleu").problems().getFirst())
        .satisfies(
            problem -> {
              assertThat(problem.found()).isEqualTo("dark-bleu");
              assertThat(problem.allowed()).isEqualTo("red, dark-blue");
              assertThat(problem.suggestion()).hasValue("dark-blue");
            });
  }

  @Test
  void conflictIsReportedOncePerPairWhicheverSideDeclaresIt() {
    assertThat(refusal("refcount-cache-size=1", "cache-size=1").problems())
        .extracting(OptionProblem::message)
        .containsExactly("'refcount-cache-size' and 'cache-size' cannot be used at the same time");
    assertThat(refusal("l2-cache-size=1", "refcount-cache-size=1", "cache-size=1").problems())
        .extracting(OptionProblem::message)
        .containsExactly(
            "'refcount-cache-size' and 'cache-size' cannot be used at the same time",
            "'cache-size' and 'l2-cache-size' cannot be used at the same time");
  }

  @Test
  void jsonValuesMustHaveTheRightType() throws OptionException {
    Map<String, OptionValue> right =
        Map.of(
            "l2-cache-size", OptionValue.of(512),
            "cache-clean-interval", OptionValue.of(3),
            "lazy-refcounts", OptionValue.of(true));
    OptionValues values = SCHEMA.read("toy", right);
    assertThat(values.get(L2)).isEqualTo(512);
    assertThat(values.get(LAZY)).isTrue();
    Map<String, OptionValue> wrong = new LinkedHashMap<>();
    wrong.put("l2-cache-size", OptionValue.of(true));
    wrong.put("cache-clean-interval", OptionValue.of(false));
    wrong.put("lazy-refcounts", OptionValue.of(1));
    wrong.put("title", OptionValue.of(1));
    wrong.put("cache-size", OptionValue.of(-1));
    assertThatThrownBy(() -> SCHEMA.read("toy", wrong))
        .hasMessageContainingAll(
            "Invalid parameter type for 'l2-cache-size', expected: integer",
            "Invalid parameter type for 'cache-clean-interval', expected: integer",
            "Invalid parameter type for 'lazy-refcounts', expected: boolean",
            "Invalid parameter type for 'title', expected: string",
            "Value '-1' is out of range for parameter 'cache-size'");
  }

  @Test
  void schemaKeepsTheOrderOfDeclaration() {
    OptionSchema more = SCHEMA.and(OptionSchema.of(Option.text("zzz").build()));
    assertThat(more.names()).first().isEqualTo("cache-size");
    assertThat(more.names()).last().isEqualTo("zzz");
    assertThat(more.options()).hasSize(8);
    assertThat(SCHEMA.find("color")).hasValue(COLOR);
    assertThat(SCHEMA.find("colour")).isEmpty();
  }

  @Test
  void oneNameIsDeclaredOnce() {
    assertThatThrownBy(() -> SCHEMA.and(OptionSchema.of(L2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("option l2-cache-size is declared twice");
  }

  @Test
  void everyTypeWritesWhatItReads() throws OptionException {
    assertWritten(L2, "5242880");
    assertWritten(INTERVAL, "42");
    assertWritten(LAZY, "on");
    assertWritten(COLOR, "dark-blue");
    assertWritten(TITLE, "a,b=c");
    assertThat(COLOR.defaultText()).isEqualTo("dark-blue");
    assertThat(COLOR).hasToString("color=<red|dark-blue>");
  }

  @Test
  void flagKnowsQemusWords() throws OptionException {
    for (String on : List.of("on", "yes", "true", "y")) {
      assertThat(read("lazy-refcounts=" + on).get(LAZY)).isTrue();
    }
    for (String off : List.of("off", "no", "false", "n")) {
      assertThat(read("lazy-refcounts=" + off).get(LAZY)).isFalse();
    }
    for (String neither : List.of("", "ON", "1", "0", "enabled")) {
      assertThat(refusal("lazy-refcounts=" + neither))
          .hasMessage("Parameter 'lazy-refcounts' expects 'on' or 'off'");
    }
  }

  private static <T> void assertWritten(Option<T> option, String text) throws OptionException {
    T value = option.type().read(option.name(), OptionValue.of(text));
    assertThat(option.type().write(value)).isEqualTo(text);
  }

  private static OptionException refusal(String... pairs) {
    return catchThrowableOfType(OptionException.class, () -> read(pairs));
  }

  private static OptionValues read(String... pairs) throws OptionException {
    Map<String, OptionValue> raw = new LinkedHashMap<>();
    for (String pair : pairs) {
      int equals = pair.indexOf('=');
      raw.put(pair.substring(0, equals), OptionValue.of(pair.substring(equals + 1)));
    }
    return SCHEMA.read("Block format 'toy'", raw);
  }

  @Test
  void whatIsNotSupportedYetIsRefusedAfterWhatIsWrong() {
    OptionSchema schema =
        OptionSchema.of(
            L2,
            Option.choice("color", Color.class).notSupportedYet(c -> c == Color.RED).build(),
            Option.flag("lazy").notSupportedYet(on -> on).build(),
            Option.text("secret").notSupportedYet().build());
    OptionException refusal =
        catchThrowableOfType(
            OptionException.class,
            () ->
                schema.read(
                    "Toy",
                    Map.of(
                        "color", OptionValue.of("red"),
                        "lazy", OptionValue.of("off"),
                        "secret", OptionValue.of("s"),
                        "l2-cache-size", OptionValue.of("x")),
                    values -> List.of(OptionProblem.of("", "rule"))));
    assertThat(refusal.problems())
        .extracting(OptionProblem::message)
        .containsExactly(
            "Parameter 'l2-cache-size' expects a non-negative number below 2^64",
            "rule",
            "not supported yet: color=red",
            "not supported yet: secret=s");
    assertThat(refusal.problems().get(2).allowed()).isEqualTo("dark-blue");
  }

  @Test
  void choiceOfSomeConstantsRefusesTheOthersInItsOwnWords() throws OptionException {
    Option<Color> some = Option.choice("color", EnumSet.of(Color.RED)).build();
    assertThat(some.type().label()).isEqualTo("red");
    assertThatThrownBy(() -> some.type().read("color", OptionValue.of("dark-blue")))
        .hasMessage("Parameter 'color' does not accept value 'dark-blue'");
    Option<Color> own = Option.choice("color", Color.class, "no %s here").build();
    assertThatThrownBy(() -> own.type().read("color", OptionValue.of("x"))).hasMessage("no x here");
  }

  @Test
  void problemOfANodeBelowNamesAllItsOptions() {
    OptionProblem problem = OptionProblem.between(List.of("a", "b"), "not both").below("file.");
    assertThat(problem.key()).isEqualTo("file.a");
    assertThat(problem.otherKeys()).containsExactly("file.b");
    assertThat(problem.prefixed("here: ").message()).isEqualTo("here: not both");
  }
}
