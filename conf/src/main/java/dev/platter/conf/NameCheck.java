package dev.platter.conf;

import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.Suggestions;
import dev.platter.api.spec.ChildSpec;
import dev.platter.api.spec.NodeSpec;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Checks that the names of a command line's drives and nodes differ, and that references lead. */
final class NameCheck {
  private final Problems problems;
  private final Set<String> nodeNames = new LinkedHashSet<>();
  private final Set<String> all = new HashSet<>();

  NameCheck(Problems problems) {
    this.problems = problems;
  }

  void check(
      List<ArgumentReader.Located<PlacedDrive>> drives,
      List<ArgumentReader.Located<NodeSpec>> nodes,
      List<ArgumentReader.Located<Attachment>> attachments) {
    nodes.forEach(node -> declare(node.value(), node.place()));
    drives.forEach(drive -> declare(drive.value().spec().node(), drive.place()));
    all.addAll(nodeNames);
    drives.forEach(drive -> declareDevice(drive.value().id(), drive.place()));
    nodes.forEach(node -> follow(node.value(), node.place()));
    drives.forEach(drive -> follow(drive.value().spec().node(), drive.place()));
    attachments.forEach(
        device ->
            refer(
                device.value().drive(), "Property 'drive' can't find value '%s'", device.place()));
  }

  private void declare(NodeSpec node, SourceText.Place place) {
    node.nodeName()
        .ifPresent(
            name -> {
              if (!nodeNames.add(name)) {
                add("node-name", "Duplicate nodes with node-name='%s'".formatted(name), place);
              }
            });
    node.children()
        .values()
        .forEach(
            child -> {
              if (child instanceof ChildSpec.Inline(NodeSpec below)) {
                declare(below, place);
              }
            });
  }

  private void declareDevice(String id, SourceText.Place place) {
    all.add(id);
    if (nodeNames.contains(id)) {
      add("id", "Device name '%s' conflicts with an existing node name".formatted(id), place);
    }
  }

  private void follow(NodeSpec node, SourceText.Place place) {
    for (ChildSpec child : node.children().values()) {
      switch (child) {
        case ChildSpec.Inline(NodeSpec below) -> follow(below, place);
        case ChildSpec.Reference(String name) ->
            refer(name, "Cannot find device='%1$s' nor node-name='%1$s'", place);
        case ChildSpec.None() -> {}
      }
    }
  }

  private void refer(String name, String words, SourceText.Place place) {
    if (!all.contains(name)) {
      problems.add(
          new OptionProblem(
              "",
              words.formatted(name),
              name,
              String.join(", ", all.stream().sorted().toList()),
              Suggestions.nearest(name, all)),
          partOf(place, name));
    }
  }

  /** The name where it stands in the argument. */
  private static SourceText.Place partOf(SourceText.Place place, String name) {
    int at = place.source().text().lastIndexOf(name);
    return at < 0 ? place : place.source().place(at, at + name.length());
  }

  private void add(String key, String message, SourceText.Place place) {
    problems.add(new OptionProblem(key, message, "", "", Optional.empty()), place);
  }
}
