package dev.platter.tools.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.tools.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

class DemoToolTest {
  @TempDir private Path folder;

  @Test
  void printsBothTablesWritesAReportAndLeavesNoImages() throws Exception {
    Set<Path> before = temporaryImages();
    Path report = folder.resolve("report.html");

    Run run = Run.of("demo", "--requests", "3000", "--report", report.toString());

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).contains("5 100", "63 600", "2560K", "hd0", "together");
    assertThat(temporaryImages()).isEqualTo(before);
    String html = Files.readString(report);
    assertThat(html).contains("<svg", "l2-cache-size", "live snapshot hd2");
    assertThat(html).doesNotContain("src=", "href=", "<script");
    assertThat(chartsOf(html)).isEqualTo(4);
  }

  @Test
  void aLargerCacheOfRawTablesHitsMoreOftenAndOneOfPackedTablesAlways() throws Exception {
    Run run = Run.of("demo", "--requests", "3000", "--report", folder.resolve("r.html").toString());

    double last = -1;
    for (String size : new String[] {"1M", "1536K", "2M", "2560K"}) {
      String measured = " us +([0-9.]+) % +([0-9 ]+) KiB";
      var row =
          Pattern.compile("(?m)^  " + size + " .*?" + measured + ".*?" + measured + "$")
              .matcher(run.out());
      assertThat(row.find()).as("row of %s in %s", size, run.out()).isTrue();
      double rawHits = Double.parseDouble(row.group(1));
      assertThat(rawHits).isGreaterThan(last);
      assertThat(kib(row.group(2))).isLessThanOrEqualTo(3 * 2560);
      assertThat(Double.parseDouble(row.group(3))).as("hits that are packed").isGreaterThan(75);
      assertThat(kib(row.group(4))).isLessThanOrEqualTo(1024);
      last = rawHits;
    }
  }

  @Test
  void aReportThatCannotBeWrittenIsRefusedBeforeAnythingIsMeasured() {
    Run missing = Run.of("demo", "--report", folder.resolve("none/x.html").toString());
    Run notAFile = Run.of("demo", "--report", folder.toString());

    assertThat(missing.status()).isEqualTo(1);
    assertThat(missing.err())
        .isEqualTo(
            "platter demo: --report %s: there is no folder %s%n"
                .formatted(folder.resolve("none/x.html"), folder.resolve("none")));
    assertThat(notAFile.status()).isEqualTo(1);
    assertThat(notAFile.err())
        .isEqualTo("platter demo: --report %s: it is a folder%n".formatted(folder));
  }

  private static long kib(String grouped) {
    return Long.parseLong(grouped.replace(" ", ""));
  }

  /** Reads each chart as XML, which fails if it is not well-formed. */
  private static int chartsOf(String html) throws Exception {
    int count = 0;
    for (int at = html.indexOf("<svg"); at >= 0; at = html.indexOf("<svg", at + 1)) {
      String svg = html.substring(at, html.indexOf("</svg>", at) + "</svg>".length());
      Document chart =
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(new org.xml.sax.InputSource(new java.io.StringReader(svg)));
      assertThat(chart.getElementsByTagName("rect").getLength()).isPositive();
      count++;
    }
    return count;
  }

  private static Set<Path> temporaryImages() throws IOException {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    try (Stream<Path> files = Files.list(temporary)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("platter-demo"))
          .collect(Collectors.toSet());
    }
  }
}
