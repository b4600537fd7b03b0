package dev.platter.conf;

import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValue;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.configuration2.PropertiesConfiguration;
import org.apache.commons.configuration2.PropertiesConfiguration.DefaultIOFactory;
import org.apache.commons.configuration2.PropertiesConfiguration.PropertiesReader;
import org.apache.commons.configuration2.convert.DisabledListDelimiterHandler;
import org.apache.commons.configuration2.ex.ConfigurationException;
import org.apache.commons.configuration2.ex.ConfigurationRuntimeException;
import org.apache.commons.configuration2.io.FileHandler;

/**
 * Reads a properties file, and notes in which line each key stands.
 *
 * <p>Values are taken as they are: nothing is split at commas, nothing is put in for {@code ${...}}
 * and no other file is included, so that every path can be written.
 */
final class SiteFile {
  private static final Pattern ESCAPE = Pattern.compile("\\\\(?:u[0-9a-fA-F]{0,4}|.)");
  private static final Pattern KEY_END = Pattern.compile("[=:\\s]");
  private static final int UNICODE_CHARS = "\\u0000".length();

  private final String name;
  private final Problems problems;
  private final Map<String, Integer> lines = new HashMap<>();
  private final List<Entry> entries = new ArrayList<>();

  private SiteFile(String name, Problems problems) {
    this.name = name;
    this.problems = problems;
  }

  /**
   * The entries of a file, in the order in which they stand; their origin is file and line.
   *
   * @param name what messages call the file
   */
  static List<Entry> read(String name, Reader reader, Problems problems) throws IOException {
    SiteFile file = new SiteFile(name, problems);
    PropertiesConfiguration configuration = new PropertiesConfiguration();
    configuration.setListDelimiterHandler(DisabledListDelimiterHandler.INSTANCE);
    configuration.setInterpolator(null);
    configuration.setIncludesAllowed(false);
    configuration.setIOFactory(
        new DefaultIOFactory() {
          @Override
          public PropertiesReader createPropertiesReader(Reader in) {
            return file.new NotingReader(in);
          }
        });
    try {
      new FileHandler(configuration).load(reader);
    } catch (ConfigurationException | ConfigurationRuntimeException e) {
      throw unreadable(name, e);
    }
    return file.entries;
  }

  private static IOException unreadable(String name, Exception e) {
    String reason = e.getMessage();
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof CharacterCodingException) {
        reason = "not UTF-8";
      } else if (cause instanceof IOException) {
        reason = cause.getMessage(); // the library puts the name of its class in front
      }
    }
    return new IOException(name + ": " + reason, e);
  }

  private void addBadEscape(String text, Matcher escape, int line) {
    SourceText source = new SourceText(name + ":" + line, text);
    String key = KEY_END.split(text, 2)[0];
    problems.add(
        new OptionProblem(
            key,
            "invalid escape in '%s'".formatted(key),
            escape.group(),
            "\\u and four hexadecimal digits; a backslash is written \\\\",
            Optional.empty()),
        source.place(escape.start(), escape.end()));
  }

  /** The first unicode escape without four digits; what other backslashes escape is passed over. */
  private static Optional<Matcher> badEscape(String text) {
    Matcher escape = ESCAPE.matcher(text);
    while (escape.find()) {
      if (escape.group().startsWith("\\u") && escape.end() - escape.start() < UNICODE_CHARS) {
        return Optional.of(escape);
      }
    }
    return Optional.empty();
  }

  private void add(String key, String value, int line) {
    SourceText source = new SourceText(name + ":" + line, key + "=" + value);
    Entry entry =
        new Entry(
            key,
            Optional.of(OptionValue.of(value)),
            source.place(0, key.length()),
            source.place(key.length() + 1, source.text().length()),
            Entry.Form.KEY_VALUE);
    Integer earlier = lines.putIfAbsent(key, line);
    if (earlier == null) {
      entries.add(entry);
    } else {
      problems.add(
          OptionProblem.of(key, "'%s' is given twice, first in line %d".formatted(key, earlier)),
          entry.keyPlace());
    }
  }

  /** Reads properties as its superclass does, and notes them with their lines. */
  private final class NotingReader extends PropertiesReader {
    private int before;
    private boolean parsed;

    NotingReader(Reader in) {
      super(in);
    }

    @Override
    public boolean nextProperty() throws IOException {
      boolean found;
      do {
        before = getLineNumber();
        found = super.nextProperty();
      } while (found && !parsed);
      if (found) {
        add(getPropertyName(), getPropertyValue(), line());
      }
      return found;
    }

    /** Refuses escapes that the superclass leaves out in values, and fails at in keys. */
    @Override
    protected void parseProperty(String text) {
      Optional<Matcher> bad = badEscape(text);
      bad.ifPresent(escape -> addBadEscape(text, escape, line()));
      parsed = bad.isEmpty();
      if (parsed) {
        super.parseProperty(text);
      }
    }

    private int line() {
      return before + getCommentLines().size() + 1;
    }
  }
}
