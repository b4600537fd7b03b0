package dev.platter.harness.guest;

import java.util.random.RandomGenerator;

/**
 * How a driver cuts a request into buffers. The specification leaves it free: header, data and
 * status may lie together or apart.
 */
@FunctionalInterface
public interface Framing {
  /** Header, data and status in one buffer each: what drivers do. */
  Framing USUAL =
      (request, into) -> {
        into.readable(request.headerAddress(), GuestRequest.HEADER_BYTES);
        if (request.dataBytes() > 0 && !request.deviceWritesData()) {
          into.readable(request.dataAddress(), request.dataBytes());
        }
        if (request.dataBytes() > 0 && request.deviceWritesData()) {
          into.writable(request.dataAddress(), request.dataBytes());
        }
        into.writable(request.statusAddress(), 1);
      };

  /** As few buffers as can be: one that the device reads, one that it writes. */
  Framing MERGED =
      (request, into) -> {
        into.readable(request.headerAddress(), request.readableBytes());
        into.writable(request.writableAddress(), request.writableBytes());
      };

  /** Says the buffers of a request, those that the device reads first. */
  void cut(GuestRequest request, BufferList into);

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
