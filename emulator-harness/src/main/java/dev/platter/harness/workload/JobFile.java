package dev.platter.harness.workload;

import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** fio's job files: sections of options, of which {@code [global]} holds for those that follow. */
public final class JobFile {
  private static final String GLOBAL = "global";

  private JobFile() {}

  /**
   * Reads the jobs of a file.
   *
   * @param text lines: {@code [section]}, {@code option=value}, {@code option}, empty, or comments
   *     after {@code ;} or {@code #}
   * @return one workload for each section but {@code [global]}, at least one
   * @throws OptionException naming the lines that are wrong, or the job whose options are
   */
  public static List<Workload> parse(String text) throws OptionException {
    Map<String, String> global = new LinkedHashMap<>();
    Map<String, Map<String, String>> jobs = new LinkedHashMap<>();
    Map<String, String> section = null;
    int lineNumber = 0;
    for (String line : text.lines().map(String::strip).toList()) {
      lineNumber++;
      if (line.isEmpty() || line.startsWith("#") || line.startsWith(";")) {
        continue;
      }
      if (line.startsWith("[") && line.endsWith("]")) {
        String name = line.substring(1, line.length() - 1);
        section = name.equals(GLOBAL) ? global : newJob(jobs, name, global, lineNumber);
      } else if (section == null) {
        throw problem("line %d: an option outside of a section".formatted(lineNumber), line);
      } else {
        put(section, line);
      }
    }
    if (jobs.isEmpty()) {
      throw problem("no job: a job file needs a section besides [global]", "");
    }
    List<Workload> workloads = new ArrayList<>();
    for (Map<String, String> job : jobs.values()) {
      workloads.add(Workload.of(job));
    }
    return List.copyOf(workloads);
  }

  private static Map<String, String> newJob(
      Map<String, Map<String, String>> jobs, String name, Map<String, String> global, int line)
      throws OptionException {
    if (name.isBlank() || jobs.containsKey(name)) {
      throw problem("line %d: section without a name of its own".formatted(line), name);
    }
    Map<String, String> options = new LinkedHashMap<>(global);
    options.put("name", name);
    jobs.put(name, options);
    return options;
  }

  private static void put(Map<String, String> section, String line) {
    int equals = line.indexOf('=');
    String key = equals < 0 ? line : line.substring(0, equals).strip();
    section.put(key, equals < 0 ? "" : line.substring(equals + 1).strip());
  }

  private static OptionException problem(String message, String found) {
    return new OptionException(new OptionProblem("", message, found, "", Optional.empty()));
  }
}
