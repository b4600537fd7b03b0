package dev.platter.harness.guice;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import dev.platter.api.driver.BlockClock;
import dev.platter.api.driver.DriverLookup;
import dev.platter.conf.SiteDefaults;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.DriverRegistry;
import dev.platter.graph.SystemClock;
import dev.platter.harness.BlockRuntime;
import dev.platter.harness.RuntimeSettings;
import dev.platter.harness.blk.RequestExecutor;
import java.io.IOException;

/**
 * Binds drivers, clock, site defaults, settings, and the {@link BlockRuntime} that is made of them,
 * each once for an injector; the runtime's graph and executor too. Tests override single bindings
 * by {@code Modules.override}.
 *
 * <p>Nothing here is intercepted; {@code -Dguice_bytecode_gen_option=DISABLED} keeps Guice from
 * generating classes, of which JDKs warn.
 *
 * <p>The injector closes nothing: close the runtime, then the clock if it is a {@link SystemClock}.
 */
public final class PlatterModule extends AbstractModule {

  @Provides
  @Singleton
  DriverLookup drivers() {
    return DriverRegistry.discover();
  }

  @Provides
  @Singleton
  BlockClock clock() {
    return new SystemClock();
  }

  @Provides
  @Singleton
  SiteDefaults site(DriverLookup drivers) throws IOException {
    return SiteDefaults.load(drivers);
  }

  @Provides
  @Singleton
  RuntimeSettings settings(SiteDefaults site) {
    return RuntimeSettings.of(site);
  }

  @Provides
  @Singleton
  BlockRuntime runtime(
      DriverLookup drivers, SiteDefaults site, BlockClock clock, RuntimeSettings settings) {
    return BlockRuntime.create(drivers, site.parser(), clock, settings);
  }

  @Provides
  BlockGraph graph(BlockRuntime runtime) {
    return runtime.graph();
  }

  @Provides
  RequestExecutor executor(BlockRuntime runtime) {
    return runtime.executor();
  }
}
