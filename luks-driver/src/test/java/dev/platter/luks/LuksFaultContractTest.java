package dev.platter.luks;

import dev.platter.tck.format.CrashContract;
import dev.platter.tck.format.FaultContract;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Faults and power cuts at every call. Each state is opened, which a key derivation makes slow, and
 * a volume has no metadata that requests change: so this runs when it is asked for.
 */
@EnabledIfSystemProperty(named = "platter.luks.faults", matches = "true")
class LuksFaultContractTest implements LuksFixture, FaultContract, CrashContract {}
