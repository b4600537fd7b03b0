package dev.platter.api.driver;

import java.util.List;
import java.util.Optional;

/** The drivers there are, by name. */
public interface DriverLookup {
  /** The driver with this name. */
  Optional<BlockDriverProvider> find(String name);

  /** All drivers, ordered by name. */
  List<BlockDriverProvider> all();
}
