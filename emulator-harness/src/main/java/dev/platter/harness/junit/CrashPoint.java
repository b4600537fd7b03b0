package dev.platter.harness.junit;

import dev.platter.api.BlockNode;
import dev.platter.harness.guest.MockBlkDriver;
import dev.platter.tck.crash.PowerCut;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;

/** The test of one state after a power cut: lends the disk as it was left. */
final class CrashPoint implements TestTemplateInvocationContext, ParameterResolver {
  private static final int LONGEST_NAME = 160;
  private static final String DISK = "crashed";
  private static final Set<Class<?>> TYPES =
      Set.of(PowerCut.class, MockBlkDriver.class, BlockNode.class, Path.class, TestDisk.class);

  private final DiskPlan plan;
  private final PowerCut cut;

  CrashPoint(DiskPlan plan, PowerCut cut) {
    this.plan = plan;
    this.cut = cut;
  }

  @Override
  public String getDisplayName(int invocationIndex) {
    String whole = "[%d] %s".formatted(invocationIndex, cut.description());
    return whole.length() <= LONGEST_NAME ? whole : whole.substring(0, LONGEST_NAME) + "...";
  }

  @Override
  public List<Extension> getAdditionalExtensions() {
    return List.of(this);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return TYPES.contains(parameter.getParameter().getType())
        && !parameter.isAnnotated(Disk.class)
        && !parameter.isAnnotated(Chain.class);
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    if (type == PowerCut.class) {
      return cut;
    }
    try {
      TestStorage storage = PlatterExtension.storage(context);
      return PlatterExtension.view(storage, storage.diskWith(DISK, plan, cut.image()), type);
    } catch (IOException e) {
      throw new ParameterResolutionException(
          "%s: %s".formatted(cut.description(), e.getMessage()), e);
    }
  }
}
