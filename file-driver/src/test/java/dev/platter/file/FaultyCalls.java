package dev.platter.file;

import dev.platter.api.error.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;

/**
 * The functions of the C library as {@link LibC} sees them within {@link FaultyLinkage}: those that
 * were asked for are interrupted, or transfer less than they were told to. One thread.
 */
final class FaultyCalls {
  private static final int EINTR = 4;
  private static final int INTERRUPTIONS = 3;
  private static final VarHandle ERRNO =
      ThreadBuffers.ERRNO_LAYOUT.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static Fault fault = Fault.NONE;
  private static int faultyCallIndex;
  private static int callCount;
  private static int injectedCount;

  /** What becomes of a call. */
  enum Fault {
    NONE,
    /** It is interrupted by a signal, and so are the next ones. */
    INTERRUPTED,
    /** It transfers half of the bytes. */
    HALF,
    /** It transfers one byte. */
    ONE_BYTE,
    /** The first write fails for want of space, and no other. */
    NO_SPACE_ONCE
  }

  private FaultyCalls() {}

  /** From now on calls are counted from 0, and the one with this index meets the fault. */
  static void inject(Fault what, int callIndex) {
    fault = what;
    faultyCallIndex = callIndex;
    callCount = 0;
    injectedCount = 0;
  }

  /** How many calls there were since {@link #inject}. */
  static int callCount() {
    return callCount;
  }

  /** How many of them met the fault. */
  static int injectedCount() {
    return injectedCount;
  }

  /** Links a function, as the linker does. */
  @SuppressWarnings("restricted") // in the place of the linker
  static MethodHandle downcallHandle(
      Linker linker, MemorySegment symbol, FunctionDescriptor function, Linker.Option... options) {
    return MethodHandles.insertArguments(
        faulty(linker, linker.downcallHandle(function, options)), 0, symbol);
  }

  /** Links functions of one shape, as the linker does: which one is said at the call. */
  @SuppressWarnings("restricted") // in the place of the linker
  static MethodHandle downcallHandle(
      Linker linker, FunctionDescriptor function, Linker.Option... options) {
    return faulty(linker, linker.downcallHandle(function, options));
  }

  private static MethodHandle faulty(Linker linker, MethodHandle real) {
    try {
      MethodHandle call =
          MethodHandles.lookup()
              .findStatic(
                  FaultyCalls.class,
                  "call",
                  MethodType.methodType(
                      Object.class, SymbolLookup.class, MethodHandle.class, Object[].class));
      return MethodHandles.insertArguments(call, 0, linker.defaultLookup(), real)
          .asCollector(Object[].class, real.type().parameterCount())
          .asType(real.type());
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("call", e);
    }
  }

  /**
   * What is called instead of a function: the real one, or its failure.
   *
   * @param arguments the function, where errno goes if it is kept, and what the function takes
   */
  static Object call(SymbolLookup library, MethodHandle real, Object[] arguments) throws Throwable {
    Object function = arguments[0];
    int index = callCount++;
    int since = index - faultyCallIndex;
    boolean interrupted = fault == Fault.INTERRUPTED && since >= 0 && since < INTERRUPTIONS;
    if (interrupted && !function.equals(library.findOrThrow("close"))) { // that one has closed
      injectedCount++;
      if (arguments[1] instanceof MemorySegment errno) {
        ERRNO.set(errno, 0L, EINTR);
      }
      return -1L;
    }
    if (fault == Fault.NO_SPACE_ONCE && injectedCount == 0 && writes(library, arguments)) {
      injectedCount++;
      if (arguments[1] instanceof MemorySegment errno) {
        ERRNO.set(errno, 0L, Errno.ENOSPC.code());
      }
      return -1L;
    }
    if (since == 0 && (fault == Fault.HALF || fault == Fault.ONE_BYTE)) {
      if (function.equals(library.findOrThrow("syscall"))) {
        shortenCall(arguments);
      } else if (function.equals(library.findOrThrow("pread"))
          || function.equals(library.findOrThrow("pwrite"))) {
        shortenBytes(arguments, 4);
      }
    }
    return real.invokeWithArguments(arguments);
  }

  private static boolean writes(SymbolLookup library, Object[] arguments) {
    int numberIndex = arguments[1] instanceof MemorySegment ? 2 : 1;
    return arguments[0].equals(library.findOrThrow("pwrite"))
        || (arguments[0].equals(library.findOrThrow("syscall"))
            && arguments[numberIndex] instanceof Long number
            && (number == SystemCall.PWRITE || number == SystemCall.PWRITEV));
  }

  /** Makes a transfer shorter; other system calls are left as they are. */
  private static void shortenCall(Object[] arguments) {
    int numberIndex = arguments[1] instanceof MemorySegment ? 2 : 1; // behind where errno goes
    if (arguments[numberIndex] instanceof Long number
        && arguments[numberIndex + 2] instanceof MemorySegment) {
      if (number == SystemCall.PREAD || number == SystemCall.PWRITE) {
        shortenBytes(arguments, numberIndex + 3);
      } else if (number == SystemCall.PREADV || number == SystemCall.PWRITEV) {
        shortenVectors(arguments, numberIndex + 2);
      }
    }
  }

  private static void shortenBytes(Object[] arguments, int lengthIndex) {
    if (arguments[lengthIndex] instanceof Long length && length > 1) {
      arguments[lengthIndex] = shorter(length);
      injectedCount++;
    }
  }

  private static void shortenVectors(Object[] arguments, int vectorsIndex) {
    MemorySegment vectors = (MemorySegment) arguments[vectorsIndex];
    long length = vectors.get(ValueLayout.JAVA_LONG, Long.BYTES);
    if (length > 1) {
      MemorySegment first = Arena.ofAuto().allocate(LibC.IOVEC_BYTES, Long.BYTES);
      first.set(ValueLayout.JAVA_LONG, 0, vectors.get(ValueLayout.JAVA_LONG, 0));
      first.set(ValueLayout.JAVA_LONG, Long.BYTES, shorter(length));
      arguments[vectorsIndex] = first;
      arguments[vectorsIndex + 1] = 1L;
      injectedCount++;
    }
  }

  private static long shorter(long length) {
    return fault == Fault.ONE_BYTE ? 1 : length / 2;
  }
}
