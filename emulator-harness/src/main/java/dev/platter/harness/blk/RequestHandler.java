package dev.platter.harness.blk;

import dev.platter.api.BlockNode;
import dev.platter.api.IoVector;
import dev.platter.api.PromptNode;
import dev.platter.api.ZeroMode;
import dev.platter.graph.BlockBackend;
import dev.platter.harness.blk.VirtioBlkRequest.SectorRange;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Checks requests against the disk and carries them out on it. Threads: any.
 *
 * <p>Source: specification, "Device Operation" of the block device.
 */
final class RequestHandler {
  /** The most bytes of one request, whatever a chain adds up to; what QEMU allows. */
  private static final long MAX_REQUEST_BYTES = Integer.MAX_VALUE & -512L;

  /** More than that is copied by another thread, which the next request need not wait for. */
  private static final long MAX_PROMPT_BYTES = 128 << 10;

  private static final int SECTOR_BYTES = VirtioBlkRequest.SECTOR_BYTES;
  private static final int SECTOR_BITS = 9;

  private final BlockNode node;
  private final Optional<PromptNode> prompt;
  private final BlkOptions options;
  private final byte[] serial;

  RequestHandler(BlockNode node, BlkOptions options) {
    this.node = node;
    this.prompt = node instanceof PromptNode known ? Optional.of(known) : Optional.empty();
    this.options = options;
    this.serial =
        Arrays.copyOf(
            options.serial().getBytes(StandardCharsets.UTF_8), BlkOptions.MAX_SERIAL_BYTES);
  }

  /** Whether the request may be carried out, or with which status it is answered instead. */
  BlkStatus check(DecodedRequest request) {
    return switch (request.kind()) {
      case READ -> checkData(request.sector(), request.byteCount());
      case WRITE ->
          node.readOnly() ? BlkStatus.IOERR : checkData(request.sector(), request.byteCount());
      case DISCARD -> checkRanges(request.ranges(), 0);
      case WRITE_ZEROES -> checkRanges(request.ranges(), SectorRange.UNMAP);
      case FLUSH, GET_ID -> BlkStatus.OK;
      case UNSUPPORTED -> BlkStatus.UNSUPP;
    };
  }

  private BlkStatus checkData(long sector, long byteCount) {
    boolean allowed =
        byteCount <= MAX_REQUEST_BYTES
            && byteCount % options.logicalBlockBytes() == 0
            && onDisk(sector, byteCount >> SECTOR_BITS);
    return allowed ? BlkStatus.OK : BlkStatus.IOERR;
  }

  private BlkStatus checkRanges(List<SectorRange> ranges, int allowedFlags) {
    if (node.readOnly() || ranges.size() > options.maxDiscardSegments()) {
      return BlkStatus.IOERR;
    }
    for (SectorRange range : ranges) {
      if ((range.flags() & ~allowedFlags) != 0) {
        return BlkStatus.UNSUPP;
      }
      if (range.sectorCount() > options.maxDiscardSectors()
          || !onDisk(range.sector(), range.sectorCount())) {
        return BlkStatus.IOERR;
      }
    }
    return BlkStatus.OK;
  }

  /** Whether whole logical blocks of the disk are meant; {@code sector} is unsigned. */
  private boolean onDisk(long sector, long sectorCount) {
    long capacity = node.size() >> SECTOR_BITS;
    long blockMask = options.logicalBlockBytes() / SECTOR_BYTES - 1L;
    return sector >= 0
        && sector <= capacity
        && sectorCount <= capacity - sector
        && ((sector | sectorCount) & blockMask) == 0;
  }

  /**
   * Carries out a request for which {@link #check} said OK.
   *
   * @param data the request's data in guest memory
   * @param writeThrough whether what is written must be durable afterwards; asked when it was
   *     written: from then on a flush by whoever switches the write cache off covers it
   * @return how many bytes of guest memory were written, from the front
   */
  long perform(DecodedRequest request, List<MemorySegment> data, BooleanSupplier writeThrough)
      throws IOException {
    switch (request.kind()) {
      case READ -> {
        read(request.sector() << SECTOR_BITS, data);
        return request.byteCount();
      }
      case GET_ID -> {
        return identify(data);
      }
      case WRITE -> write(request.sector() << SECTOR_BITS, data);
      case WRITE_ZEROES -> writeZeroes(request.ranges());
      case DISCARD -> discard(request.ranges());
      case FLUSH -> node.flush();
      case UNSUPPORTED ->
          throw new IllegalArgumentException("not to be carried out: " + request.value());
    }
    if (request.kind() != DecodedRequest.Kind.FLUSH && writeThrough.getAsBoolean()) {
      node.flush();
    }
    return 0;
  }

  /**
   * Carries out a run of requests to read or to write, for which {@link #check} said OK, as one.
   *
   * @param first where the run begins, and what it does
   * @param data of all of them
   * @param requestCount how many they are
   */
  void performRun(
      DecodedRequest first,
      List<MemorySegment> data,
      int requestCount,
      BooleanSupplier writeThrough)
      throws IOException {
    perform(first, data, writeThrough);
    countMerged(first, requestCount - 1);
  }

  /** As QEMU does, which counts requests and, beside that, how many of them were merged. */
  private void countMerged(DecodedRequest first, int requestCount) {
    if (requestCount == 0 || !(node instanceof BlockBackend backend)) {
      return;
    }
    if (first.kind() == DecodedRequest.Kind.READ) {
      backend.countMergedReads(requestCount);
    } else {
      backend.countMergedWrites(requestCount);
    }
  }

  /** Whether {@link #readPromptly} is of use: for short reads, and short runs of them. */
  boolean mayReadPromptly(BlkRequestSlot first) {
    return first.request().kind() == DecodedRequest.Kind.READ
        && first.runBytes() <= MAX_PROMPT_BYTES
        && prompt.isPresent()
        && prompt.get().promptReads();
  }

  /**
   * Carries a run of requests to read out, or a single one, for which {@link #check} said OK, if
   * the host has all of it in memory.
   *
   * @return whether it was carried out
   */
  boolean readPromptly(BlkRequestSlot first) throws IOException {
    long offset = first.request().sector() << SECTOR_BITS;
    List<MemorySegment> data = first.runData();
    boolean done =
        data.size() == 1
            ? prompt.orElseThrow().readPromptly(offset, data.getFirst())
            : prompt.orElseThrow().readPromptly(offset, IoVector.of(data));
    if (done) {
      countMerged(first.request(), first.runLength() - 1);
    }
    return done;
  }

  private void read(long offset, List<MemorySegment> data) throws IOException {
    if (data.size() == 1) {
      node.read(offset, data.getFirst());
    } else {
      node.read(offset, IoVector.of(data));
    }
  }

  private void write(long offset, List<MemorySegment> data) throws IOException {
    if (data.size() == 1) {
      node.write(offset, data.getFirst());
    } else {
      node.write(offset, IoVector.of(data));
    }
  }

  private void writeZeroes(List<SectorRange> ranges) throws IOException {
    for (SectorRange range : ranges) {
      node.writeZeroes(
          range.sector() << SECTOR_BITS,
          range.sectorCount() << SECTOR_BITS,
          range.unmap() ? ZeroMode.MAY_UNMAP : ZeroMode.KEEP_ALLOCATED);
    }
  }

  private void discard(List<SectorRange> ranges) throws IOException {
    for (SectorRange range : ranges) {
      node.discard(range.sector() << SECTOR_BITS, range.sectorCount() << SECTOR_BITS);
    }
  }

  private long identify(List<MemorySegment> data) {
    int done = 0;
    for (MemorySegment segment : data) {
      int take = (int) Math.min(segment.byteSize(), (long) serial.length - done);
      MemorySegment.copy(serial, done, segment, ValueLayout.JAVA_BYTE, 0, take);
      done += take;
    }
    return done;
  }
}
