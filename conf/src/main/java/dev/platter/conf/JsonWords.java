package dev.platter.conf;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says in QEMU's words what is wrong with a JSON text. */
final class JsonWords {
  private static final Pattern TOKEN = Pattern.compile("Unrecognized token '([^']*)'");
  private static final Pattern NAME_START =
      Pattern.compile("Unexpected character \\('(.)' .*double-quote to start field name.*");

  private JsonWords() {}

  /** Whether the text ends too early. */
  static boolean atEnd(JsonProcessingException e) {
    return e instanceof JsonEOFException || e.getOriginalMessage().contains("end-of-input");
  }

  static String of(JsonProcessingException e) {
    String message = e.getOriginalMessage();
    Matcher token = TOKEN.matcher(message);
    if (atEnd(e)) {
      return "premature EOI";
    }
    if (token.find()) {
      return "invalid keyword '%s'".formatted(token.group(1));
    }
    if (NAME_START.matcher(message).matches()) {
      return "expecting a key in quotes";
    }
    if (message.contains("colon")) {
      return "missing : in object pair";
    }
    if (message.contains("to separate Object entries")) {
      return "expected separator in dict";
    }
    if (message.contains("to separate Array entries")) {
      return "expected separator in list";
    }
    if (message.contains("character escape")) {
      return "invalid escape sequence in string";
    }
    if (message.contains("nesting depth")) {
      return "too deeply nested";
    }
    return message.lines().findFirst().orElse("invalid text");
  }
}
