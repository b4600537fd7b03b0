package dev.platter.tools.peer;

import dev.platter.tools.Run;
import java.util.List;

/** Platter, in this process. Like QEMU's programs, it lets images name data files beside them. */
final class PlatterProgram implements Program {
  static {
    System.setProperty("platter.gate", "beside");
  }

  @Override
  public Result run(List<String> words, byte[] stdin) {
    QemuProgram.STARTS.readLock().lock();
    try {
      Run result = Run.of(words, stdin);
      return new Result(result.out(), result.err(), result.status());
    } finally {
      QemuProgram.STARTS.readLock().unlock();
    }
  }
}
