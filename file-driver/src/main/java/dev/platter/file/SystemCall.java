package dev.platter.file;

/**
 * Numbers of system calls that are made without a function of their own in the C library, on the
 * processor that runs.
 */
final class SystemCall {
  static final long PREAD = onX86OrArm(17, 67);
  static final long PWRITE = onX86OrArm(18, 68);
  static final long PREADV = onX86OrArm(295, 69);
  static final long PWRITEV = onX86OrArm(296, 70);
  static final long PREADV2 = onX86OrArm(327, 286);
  static final long IO_SETUP = onX86OrArm(206, 0);
  static final long IO_DESTROY = onX86OrArm(207, 1);
  static final long IO_GETEVENTS = onX86OrArm(208, 4);
  static final long IO_SUBMIT = onX86OrArm(209, 2);
  static final long COPY_FILE_RANGE = onX86OrArm(326, 285);
  static final long MMAP = onX86OrArm(9, 222);
  static final long MUNMAP = onX86OrArm(11, 215);
  static final long IO_URING_SETUP = 425;
  static final long IO_URING_ENTER = 426;

  private SystemCall() {}

  private static long onX86OrArm(long x86, long arm) {
    return HostPlatform.AARCH64 ? arm : x86;
  }
}
