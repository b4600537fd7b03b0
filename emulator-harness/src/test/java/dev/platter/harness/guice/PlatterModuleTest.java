package dev.platter.harness.guice;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.inject.AbstractModule;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.util.Modules;
import dev.platter.api.driver.BlockClock;
import dev.platter.api.driver.DriverLookup;
import dev.platter.graph.BlockGraph;
import dev.platter.harness.BlockRuntime;
import dev.platter.harness.RuntimeSettings;
import dev.platter.harness.blk.RequestExecutor;
import dev.platter.tck.fake.ManualClock;
import org.junit.jupiter.api.Test;

class PlatterModuleTest {

  @Test
  void moduleWiresOneRuntime() throws Exception {
    Injector injector = Guice.createInjector(new PlatterModule());
    try (BlockRuntime runtime = injector.getInstance(BlockRuntime.class)) {
      assertThat(injector.getInstance(BlockRuntime.class)).isSameAs(runtime);
      assertThat(injector.getInstance(BlockGraph.class)).isSameAs(runtime.graph());
      assertThat(injector.getInstance(RequestExecutor.class)).isSameAs(runtime.executor());
      assertThat(injector.getInstance(DriverLookup.class)).isSameAs(runtime.drivers());
      assertThat(runtime.drivers().find("qcow2")).isPresent();
    }
  }

  @Test
  void bindingsCanBeOverridden() throws Exception {
    ManualClock clock = new ManualClock();
    Injector injector =
        Guice.createInjector(
            Modules.override(new PlatterModule())
                .with(
                    new AbstractModule() {
                      @Override
                      protected void configure() {
                        bind(BlockClock.class).toInstance(clock);
                        bind(RuntimeSettings.class)
                            .toInstance(RuntimeSettings.DEFAULT.withWorkerCount(2));
                      }
                    }));
    try (BlockRuntime runtime = injector.getInstance(BlockRuntime.class)) {
      assertThat(runtime.graph().clock()).isSameAs(clock);
      assertThat(runtime.executor().getClass()).isNotEqualTo(RequestExecutor.inline().getClass());
    }
  }
}
