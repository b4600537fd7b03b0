package dev.platter.harness.junit;

import dev.platter.tck.crash.PowerCut;
import dev.platter.tck.crash.PowerCuts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/** Runs a workload, and makes a test of each state in which a power cut could leave its disk. */
final class CrashPoints implements TestTemplateInvocationContextProvider {
  private static final long SEED = Long.getLong("platter.seed", 1);

  @Override
  public boolean supportsTestTemplate(ExtensionContext context) {
    return annotation(context).isPresent();
  }

  private static Optional<EveryCrashPoint> annotation(ExtensionContext context) {
    return AnnotationSupport.findAnnotation(context.getElement(), EveryCrashPoint.class);
  }

  @Override
  public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(
      ExtensionContext context) {
    try {
      DiskRecording recording = record(context, workload(context));
      List<PowerCut> cuts = new ArrayList<>();
      PowerCuts.forEach(recording.before(), recording.log().changes(), SEED, cuts::add);
      return cuts.stream().map(cut -> new CrashPoint(recording.plan(), cut));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Method workload(ExtensionContext context) {
    String name = annotation(context).orElseThrow().workload();
    List<Method> found =
        ReflectionSupport.findMethods(
            context.getRequiredTestClass(),
            method -> method.getName().equals(name) && Modifier.isStatic(method.getModifiers()),
            HierarchyTraversalMode.BOTTOM_UP);
    if (found.size() != 1) {
      throw new ExtensionConfigurationException(
          "%d static methods are named '%s', the workload of %s"
              .formatted(found.size(), name, context.getDisplayName()));
    }
    return found.getFirst();
  }

  private static DiskRecording record(ExtensionContext context, Method workload)
      throws IOException {
    TestStorage storage = TestStorage.recording();
    PlatterExtension.lend(storage, context);
    try {
      context.getExecutableInvoker().invoke(workload);
      return storage.recorded();
    } finally {
      PlatterExtension.takeBack(context); // what closing writes is recorded too
    }
  }
}
