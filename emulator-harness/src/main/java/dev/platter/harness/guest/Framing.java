package dev.platter.harness.guest;

import java.util.random.RandomGenerator;

/**
 * How a driver cuts a request into buffers. The specification leaves it free: header, data and
 * status may lie together or apart.
 */
@FunctionalInterface
public interface Framing {
  /** Header, data and status in one buffer each: what drivers do. */
  Framing USUAL = pieces(Integer.MAX_VALUE);

  /** As few buffers as can be: one that the device reads, one that it writes. */
  Framing MERGED =
      (request, into) -> {
        into.readable(request.headerAddress(), request.readableBytes());
        into.writable(request.writableAddress(), request.writableBytes());
      };

  /** Says the buffers of a request, those that the device reads first. */
  void cut(GuestRequest request, BufferList into);

  /**
   * Header and status in one buffer each, and data in several: what drivers do where it lies
   * scattered in the guest's memory.
   *
   * @param maxBytes the most bytes of a buffer of data, at least 1
   */
  static Framing pieces(int maxBytes) {
    return (request, into) -> {
      into.readable(request.headerAddress(), GuestRequest.HEADER_BYTES);
      int left = request.dataBytes();
      for (long at = request.dataAddress(); left > 0; at += maxBytes) {
        int take = Math.min(left, maxBytes);
        if (request.deviceWritesData()) {
          into.writable(at, take);
        } else {
          into.readable(at, take);
        }
        left -= take;
      }
      into.writable(request.statusAddress(), 1);
    };
  }

  /**
   * Cuts at random places.
   *
   * @param random used by one thread at a time
   * @param maxBuffers the most buffers of a request, at least 2
   */
  static Framing random(RandomGenerator random, int maxBuffers) {
    int most = Math.max(1, maxBuffers / 2);
    return (request, into) -> {
      cut(random, most, request.headerAddress(), request.readableBytes(), into::readable);
      cut(random, most, request.writableAddress(), request.writableBytes(), into::writable);
    };
  }

  private static void cut(
      RandomGenerator random, int most, long address, int length, BufferSink into) {
    long at = address;
    int left = length;
    for (int i = 1; left > 0; i++) {
      int take = i == most ? left : 1 + random.nextInt(left);
      into.take(at, take);
      at += take;
      left -= take;
    }
  }

  /** Takes the buffers of one direction. */
  @FunctionalInterface
  interface BufferSink {
    /** Takes {@code length} bytes of guest memory. */
    void take(long address, int length);
  }
}
