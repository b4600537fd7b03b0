package dev.platter.tools.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class JsonTest {
  @Test
  void membersStandInTheOrderOfQemusHashTable() {
    Map<String, Object> snapshot = new TreeMap<>();
    for (String name :
        List.of(
            "date-nsec",
            "date-sec",
            "icount",
            "id",
            "name",
            "vm-clock-nsec",
            "vm-clock-sec",
            "vm-state-size")) {
      snapshot.put(name, 0);
    }
    assertThat(Json.names(snapshot))
        .containsExactly(
            "icount",
            "vm-clock-nsec",
            "name",
            "date-sec",
            "date-nsec",
            "vm-clock-sec",
            "id",
            "vm-state-size");
  }

  @Test
  void objectsAndArraysAreIndentedByFourSpaces() {
    assertThat(Json.pretty(List.of(Map.of("a", List.of(1, 2L)), Map.of("b", true))))
        .isEqualTo(
            """
            [
                {
                    "a": [
                        1,
                        2
                    ]
                },
                {
                    "b": true
                }
            ]\
            """);
  }

  @Test
  void textIsWrittenInAscii() {
    assertThat(Json.pretty("ü\"\\\n\u0001😀/"))
        .isEqualTo("\"\\u00FC\\\"\\\\\\n\\u0001\\uD83D\\uDE00/\"");
  }
}
