package dev.platter.crypto;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a volume says of itself without a passphrase, by QEMU's names. */
public final class LuksDetails {
  private LuksDetails() {}

  /** The facts: longs, booleans, text, and a list of the key slots' facts. */
  public static Map<String, Object> of(LuksVolume volume) {
    LuksHeader header = volume.header();
    CipherSpec cipher = volume.cipher();
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("cipher-alg", cipher.algorithm().word());
    facts.put("cipher-mode", cipher.mode().word());
    facts.put("ivgen-alg", cipher.iv().word());
    if (cipher.iv() == IvAlgorithm.ESSIV) {
      cipher.ivHash().ifPresent(hash -> facts.put("ivgen-hash-alg", hash.word()));
    }
    facts.put("hash-alg", volume.hash().word());
    facts.put("payload-offset", volume.payloadOffset());
    facts.put("master-key-iters", header.keyIterations());
    facts.put("uuid", header.uuid());
    List<Map<String, Object>> slots = new ArrayList<>();
    header.slots().forEach(slot -> slots.add(slotFacts(slot)));
    facts.put("slots", slots);
    return facts;
  }

  private static Map<String, Object> slotFacts(LuksKeySlot slot) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("active", slot.active());
    facts.put("key-offset", slot.materialOffset());
    if (slot.active()) {
      facts.put("iters", slot.iterations());
      facts.put("stripes", slot.stripeCount());
    }
    return facts;
  }
}
