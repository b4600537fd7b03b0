package dev.platter.harness.blk;

import dev.platter.harness.blk.VirtioBlkRequest.SectorRange;
import dev.platter.harness.virtio.DescriptorChain;
import dev.platter.harness.virtio.VirtqueueException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a guest asks for, decoded from a copy of its bytes. Used again for one request after
 * another, so that to read and to write takes no memory; {@link #value} is for those who keep it.
 *
 * <p>Threads: handed from one to the next, with the slot that it belongs to.
 */
final class DecodedRequest {
  /** The kinds of {@link VirtioBlkRequest}. */
  enum Kind {
    READ,
    WRITE,
    FLUSH,
    DISCARD,
    WRITE_ZEROES,
    GET_ID,
    UNSUPPORTED
  }

  private Kind kind = Kind.FLUSH;
  private int type = VirtioBlkRequest.TYPE_FLUSH;
  private long sector;
  private long byteCount;
  private List<SectorRange> ranges = List.of();

  /**
   * Decodes a request. Header, data and status may be cut into buffers in any way.
   *
   * @param features what was negotiated
   * @param maxRanges the most ranges allowed; at most one more is decoded
   * @throws VirtqueueException if there is no room for header or status: it cannot be answered
   */
  void decode(DescriptorChain chain, long features, int maxRanges) throws VirtqueueException {
    if (chain.readableCount() == 0 || chain.writableCount() == 0) {
      throw new VirtqueueException("virtio-blk missing headers");
    }
    if (chain.readableBytes() < VirtioBlkRequest.HEADER_BYTES) {
      throw new VirtqueueException("virtio-blk request outhdr too short");
    }
    type = (int) chain.readLong(0);
    sector = chain.readLong(8);
    kind = kind(type, features);
    byteCount =
        switch (kind) {
          case READ, GET_ID -> chain.writableBytes() - 1;
          case WRITE -> chain.readableBytes() - VirtioBlkRequest.HEADER_BYTES;
          case FLUSH, DISCARD, WRITE_ZEROES, UNSUPPORTED -> 0;
        };
    boolean ranged = kind == Kind.DISCARD || kind == Kind.WRITE_ZEROES;
    ranges = ranged ? ranges(chain, maxRanges) : List.of();
  }

  /** Asks for nothing that there is. */
  void clear() {
    kind = Kind.UNSUPPORTED;
    byteCount = 0;
    ranges = List.of();
  }

  private static Kind kind(int type, long features) {
    return switch (type) {
      case VirtioBlkRequest.TYPE_IN -> Kind.READ;
      case VirtioBlkRequest.TYPE_OUT -> Kind.WRITE;
      case VirtioBlkRequest.TYPE_FLUSH -> Kind.FLUSH;
      case VirtioBlkRequest.TYPE_GET_ID -> Kind.GET_ID;
      case VirtioBlkRequest.TYPE_DISCARD ->
          (features & BlkFeatures.DISCARD) == 0 ? Kind.UNSUPPORTED : Kind.DISCARD;
      case VirtioBlkRequest.TYPE_WRITE_ZEROES ->
          (features & BlkFeatures.WRITE_ZEROES) == 0 ? Kind.UNSUPPORTED : Kind.WRITE_ZEROES;
      default -> Kind.UNSUPPORTED;
    };
  }

  private static List<SectorRange> ranges(DescriptorChain chain, int maxRanges)
      throws VirtqueueException {
    long payload = chain.readableBytes() - VirtioBlkRequest.HEADER_BYTES;
    if (payload == 0 || payload % VirtioBlkRequest.RANGE_BYTES != 0) {
      throw new VirtqueueException("virtio-blk discard/write_zeroes header too short");
    }
    int count = (int) Math.min(payload / VirtioBlkRequest.RANGE_BYTES, maxRanges + 1L);
    List<SectorRange> ranges = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      long at = VirtioBlkRequest.HEADER_BYTES + (long) i * VirtioBlkRequest.RANGE_BYTES;
      long rest = chain.readLong(at + 8);
      ranges.add(new SectorRange(chain.readLong(at), rest & 0xffff_ffffL, (int) (rest >>> 32)));
    }
    return List.copyOf(ranges);
  }

  Kind kind() {
    return kind;
  }

  /** The first sector of a request to read or write; unsigned. */
  long sector() {
    return sector;
  }

  /** How many bytes of guest memory are the request's data; 0 unless it has some. */
  long byteCount() {
    return byteCount;
  }

  /** The ranges of a request to discard or to write zeros. */
  List<SectorRange> ranges() {
    return ranges;
  }

  /** Whether this reads or writes sectors, at least one. */
  boolean movesSectors() {
    return (kind == Kind.READ || kind == Kind.WRITE)
        && byteCount > 0
        && byteCount % VirtioBlkRequest.SECTOR_BYTES == 0;
  }

  /** Whether this does the same as another to the sectors right behind the other's. */
  boolean follows(DecodedRequest other) {
    return kind == other.kind
        && movesSectors()
        && other.movesSectors()
        && sector == other.sector + other.byteCount / VirtioBlkRequest.SECTOR_BYTES;
  }

  /** The request as it is now, as a value. */
  VirtioBlkRequest value() {
    return switch (kind) {
      case READ -> new VirtioBlkRequest.Read(sector, byteCount);
      case WRITE -> new VirtioBlkRequest.Write(sector, byteCount);
      case FLUSH -> new VirtioBlkRequest.Flush();
      case DISCARD -> new VirtioBlkRequest.Discard(ranges);
      case WRITE_ZEROES -> new VirtioBlkRequest.WriteZeroes(ranges);
      case GET_ID -> new VirtioBlkRequest.GetId(byteCount);
      case UNSUPPORTED -> new VirtioBlkRequest.Unsupported(type);
    };
  }
}
