package dev.platter.tools;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.platter.tck.SkippedTestListener;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/** The directions in which modules may depend on each other, and a few habits, held by test. */
@AnalyzeClasses(packages = "dev.platter", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String API = "dev.platter.api..";
  private static final String CRYPTO = "dev.platter.crypto..";
  private static final String GRAPH = "dev.platter.graph..";
  private static final String CONF = "dev.platter.conf..";
  private static final String HARNESS = "dev.platter.harness..";
  private static final String TCK = "dev.platter.tck..";
  private static final String FORMAT_TCK = "dev.platter.tck.format..";
  private static final String TOOLS = "dev.platter.tools..";
  private static final String[] DRIVERS = {
    "dev.platter.file..",
    "dev.platter.raw..",
    "dev.platter.qcow2..",
    "dev.platter.filter..",
    "dev.platter.luks.."
  };

  @ArchTest
  static final ArchRule apiNeedsTheJdkOnly =
      classes()
          .that()
          .resideInAPackage(API)
          .should()
          .onlyDependOnClassesThat(resideInAnyPackage("java..", "javax..", API))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule cryptoNeedsTheJdkOnly =
      classes()
          .that()
          .resideInAPackage(CRYPTO)
          .should()
          .onlyDependOnClassesThat(resideInAnyPackage("java..", "javax..", CRYPTO));

  @ArchTest static final ArchRule blockGraphSeesApiOnly = seesOfPlatter(GRAPH, API);

  @ArchTest static final ArchRule confSeesApiOnly = seesOfPlatter(CONF, API);

  @ArchTest
  static final ArchRule formatTckSeesTheGraph = seesOfPlatter(FORMAT_TCK, TCK, API, GRAPH);

  @ArchTest
  static final ArchRule driverTckSeesApiOnly =
      noClasses()
          .that(resideInAPackage(TCK).and(resideOutsideOfPackage(FORMAT_TCK)))
          .should()
          .dependOnClassesThat(
              resideInAPackage("dev.platter..").and(resideOutsideOfPackages(TCK, API)));

  @ArchTest static final ArchRule fileDriverSeesApiOnly = seesOfPlatter(DRIVERS[0], API);

  @ArchTest static final ArchRule rawDriverSeesApiOnly = seesOfPlatter(DRIVERS[1], API);

  @ArchTest
  static final ArchRule qcow2DriverSeesApiAndCryptoOnly = seesOfPlatter(DRIVERS[2], API, CRYPTO);

  @ArchTest static final ArchRule filterDriversSeeApiOnly = seesOfPlatter(DRIVERS[3], API);

  @ArchTest
  static final ArchRule luksDriverSeesApiAndCryptoOnly = seesOfPlatter(DRIVERS[4], API, CRYPTO);

  @ArchTest
  static final ArchRule harnessFindsDriversAtRunTimeOnly =
      seesOfPlatter(HARNESS, API, GRAPH, CONF, TCK);

  @ArchTest
  static final ArchRule toolsFindDriversAtRunTimeOnly =
      seesOfPlatter(TOOLS, API, GRAPH, CONF, HARNESS);

  @ArchTest
  static final ArchRule driversAndGraphAreFreeOfFrameworks =
      noClasses()
          .that(resideInAnyPackage(DRIVERS).or(resideInAPackage(GRAPH)))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "com.google..", "jakarta..", "org.apache.commons..", "com.fasterxml..", "picocli..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule qemusProgramsStartWithoutFrameworks =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.platter.tools.img..",
              "dev.platter.tools.io..",
              "dev.platter.tools.image..",
              "dev.platter.tools.text..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "com.google..", "org.apache.commons..", "com.fasterxml..", "picocli..", HARNESS)
          .because("scripts start them thousands of times")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule spiBlocks =
      noClasses()
          .that()
          .resideInAPackage(API)
          .should()
          .dependOnClassesThat()
          .areAssignableTo(Future.class)
          .because("concurrency is made once, above the drivers")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule namesSayWhatAThingIs =
      noClasses()
          .should()
          .haveNameMatching(
              ".*[.$](Abstract[A-Z][^.]*|[^.]*(Impl|Manager|Helper|Utils?)(?![a-z])[^.]*)")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule onlyToolsWriteToTheTerminal =
      noClasses()
          .that(resideOutsideOfPackage(TOOLS))
          .and()
          .doNotBelongToAnyOf(SkippedTestListener.class)
          .should(ACCESS_STANDARD_STREAMS)
          .allowEmptyShould(true);

  private static ArchRule seesOfPlatter(String module, String... others) {
    String[] visible = Stream.concat(Stream.of(module), Stream.of(others)).toArray(String[]::new);
    return classes()
        .that()
        .resideInAPackage(module)
        .should()
        .onlyDependOnClassesThat(
            resideOutsideOfPackage("dev.platter..").or(resideInAnyPackage(visible)))
        .allowEmptyShould(true);
  }
}
