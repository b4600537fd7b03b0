package dev.platter.harness.junit;

import dev.platter.api.BlockNode;
import dev.platter.graph.BlockBackend;
import dev.platter.graph.BlockGraph;
import dev.platter.harness.BlockRuntime;
import dev.platter.harness.blk.VirtioBlkDevice;
import dev.platter.harness.guest.MockBlkDriver;
import dev.platter.harness.guest.MockGuest;
import dev.platter.tck.fake.FaultyNode;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * Lends disks, chains and a mock guest to the parameters of test methods, and of their {@code
 * BeforeEach} methods.
 *
 * <pre>{@code
 * @ExtendWith(PlatterExtension.class)
 * class MailServerTest {
 *   @Test
 *   void survivesAFullDisk(
 *       @Chain(overlays = 2, size = "64M")
 *           @Fault(layer = 0, on = WRITE, nth = 10, errno = ENOSPC) TestDisk disk)
 *       throws IOException {
 *     ...
 *   }
 * }
 * }</pre>
 *
 * <p>A parameter with {@link Disk} or {@link Chain} may be of these types: {@link MockBlkDriver},
 * the guest's view of the disk; {@link VirtioBlkDevice}; {@link FaultyNode}, to fail requests while
 * the test runs; {@link BlockNode} or {@link BlockBackend}, the disk below the faults; {@link Path}
 * or {@code List<Path>}, its image files, the top first, which are opened only if another parameter
 * asks for the disk; {@link TestDisk}, all of these. Without an annotation: {@link BlockRuntime},
 * {@link BlockGraph}, {@link MockGuest}, {@link RequestLog}.
 *
 * <p>The annotations can be put on an annotation of the test's own, so that many tests share the
 * description of a disk.
 *
 * <p>After each test everything lent is closed, the test fails if it left nodes of the graph open,
 * and the images are checked: those lent, and those that a disk's chain has gained. A failing
 * test's exception carries the last requests and the open nodes.
 */
public final class PlatterExtension
    implements ParameterResolver, AfterEachCallback, TestExecutionExceptionHandler {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(PlatterExtension.class);
  private static final Set<Class<?>> DISK_TYPES =
      Set.of(
          MockBlkDriver.class,
          VirtioBlkDevice.class,
          FaultyNode.class,
          BlockNode.class,
          BlockBackend.class,
          Path.class,
          List.class,
          TestDisk.class);
  private static final Set<Class<?>> PLAIN_TYPES =
      Set.of(BlockRuntime.class, BlockGraph.class, MockGuest.class, RequestLog.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    boolean disk = parameter.isAnnotated(Disk.class) || parameter.isAnnotated(Chain.class);
    return parameter.getDeclaringExecutable() instanceof Method
        && (disk ? DISK_TYPES : PLAIN_TYPES).contains(type);
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    try {
      TestStorage storage = storage(context);
      Class<?> type = parameter.getParameter().getType();
      return PLAIN_TYPES.contains(type) ? plain(storage, type) : disk(storage, type, parameter);
    } catch (IOException e) {
      throw new ParameterResolutionException(
          "%s: %s".formatted(parameter.getParameter(), e.getMessage()), e);
    }
  }

  private static Object plain(TestStorage storage, Class<?> type) {
    if (type == BlockRuntime.class) {
      return storage.runtime();
    }
    if (type == BlockGraph.class) {
      return storage.runtime().graph();
    }
    return type == MockGuest.class ? storage.guest() : storage.log();
  }

  private static Object disk(TestStorage storage, Class<?> type, ParameterContext parameter)
      throws IOException {
    String name =
        parameter
            .findAnnotation(Disk.class)
            .map(Disk::name)
            .or(() -> parameter.findAnnotation(Chain.class).map(Chain::name))
            .orElse("");
    return view(storage, storage.disk(name, DiskPlan.of(parameter)), type);
  }

  /** A disk, as a parameter of this type sees it. */
  static Object view(TestStorage storage, DiskFixture disk, Class<?> type) throws IOException {
    if (type == Path.class) {
      return disk.images().getFirst();
    }
    if (type == List.class) {
      return disk.images();
    }
    TestDisk open = storage.open(disk);
    if (type == MockBlkDriver.class) {
      return open.driver();
    }
    if (type == VirtioBlkDevice.class) {
      return open.device();
    }
    if (type == FaultyNode.class) {
      return open.faults();
    }
    return type == TestDisk.class ? open : open.node();
  }

  /** What the test is lent its parameters from. */
  static TestStorage storage(ExtensionContext context) throws IOException {
    ExtensionContext.Store store = context.getStore(NAMESPACE);
    TestStorage storage = store.get(TestStorage.class, TestStorage.class);
    if (storage == null) {
      storage = TestStorage.create();
      store.put(TestStorage.class, storage);
    }
    return storage;
  }

  /** Lends parameters from this storage, until {@link #takeBack}. */
  static void lend(TestStorage storage, ExtensionContext context) {
    context.getStore(NAMESPACE).put(TestStorage.class, storage);
  }

  /** Closes everything that was lent, and checks it. */
  static void takeBack(ExtensionContext context) throws IOException {
    TestStorage storage = context.getStore(NAMESPACE).remove(TestStorage.class, TestStorage.class);
    if (storage != null) {
      storage.finish();
    }
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    TestStorage storage = context.getStore(NAMESPACE).get(TestStorage.class, TestStorage.class);
    if (storage != null) {
      failure.addSuppressed(storage.dump());
    }
    throw failure;
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    takeBack(context);
  }
}
