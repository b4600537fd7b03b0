package dev.platter.tools.image;

import dev.platter.api.driver.Secret;
import dev.platter.api.driver.Secrets;
import dev.platter.api.driver.ThrottleGroup;
import dev.platter.api.driver.ThrottleGroups;
import dev.platter.api.error.OptionException;
import dev.platter.conf.FlatJson;
import dev.platter.tools.CommandFailure;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code --object} makes: secrets and throttle groups. Closing zeroes the secrets; what was
 * given on the command line itself stays there, which is why {@code file=} is the better way.
 */
public final class UserObjects implements Secrets, AutoCloseable {
  /** The option's name, without dashes. */
  public static final String OPTION = "object";

  private final Map<String, Secret> secrets = new LinkedHashMap<>();
  private final Map<String, ThrottleGroup> throttleGroups = new LinkedHashMap<>();

  private UserObjects() {}

  /**
   * Reads objects in the order in which they were given; one may be encrypted with the one before.
   *
   * @param texts each {@code --object}
   * @throws CommandFailure for what is no secret
   */
  public static UserObjects parse(List<String> texts) throws CommandFailure {
    UserObjects objects = new UserObjects();
    try {
      for (String text : texts) {
        objects.add(text);
      }
    } catch (CommandFailure e) {
      objects.close();
      throw e;
    }
    return objects;
  }

  private void add(String text) throws CommandFailure {
    Map<String, String> properties = properties(text);
    ObjectRules.check(properties);
    String id = properties.get(ObjectRules.ID);
    if (secrets.containsKey(id) || throttleGroups.containsKey(id)) {
      throw new CommandFailure(
          "attempt to add duplicate property '%s' to object (type 'container')".formatted(id));
    }
    if (properties.get(ObjectRules.TYPE).equals(ObjectRules.SECRET)) {
      secrets.put(id, new SecretReader(properties, this).read());
    } else {
      throttleGroups.put(id, ThrottleReader.read(properties));
    }
  }

  /** The first word is the type; two commas are one that belongs to a value. */
  private static Map<String, String> properties(String text) throws CommandFailure {
    if (text.startsWith("{")) {
      return json(text);
    }
    Map<String, String> properties = new LinkedHashMap<>();
    for (String part : text.replace(",,", "\0").split(",", -1)) {
      String whole = part.replace('\0', ',');
      int equals = whole.indexOf('=');
      if (equals < 0 && properties.isEmpty()) {
        properties.put(ObjectRules.TYPE, whole);
      } else if (equals < 0) {
        throw new CommandFailure("Expected '=' after parameter '%s'".formatted(whole));
      } else {
        properties.put(whole.substring(0, equals), whole.substring(equals + 1));
      }
    }
    return properties;
  }

  private static Map<String, String> json(String text) throws CommandFailure {
    try {
      return FlatJson.members(text);
    } catch (OptionException e) {
      throw new CommandFailure(e.problems().getFirst().message()).causedBy(e);
    }
  }

  @Override
  public Optional<Secret> find(String id) {
    return Optional.ofNullable(secrets.get(id)).map(Secret::copy);
  }

  /** The throttle groups among them. */
  public ThrottleGroups throttleGroups() {
    return id -> Optional.ofNullable(throttleGroups.get(id));
  }

  /** Zeroes all secrets. */
  @Override
  public void close() {
    secrets.values().forEach(Secret::close);
  }

  /** Says how many there are, and not which. */
  @Override
  public String toString() {
    return "UserObjects[%d, %d]".formatted(secrets.size(), throttleGroups.size());
  }
}
