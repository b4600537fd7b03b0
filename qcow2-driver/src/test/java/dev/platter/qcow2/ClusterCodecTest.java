package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.tck.Seeds;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.zip.DataFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterCodecTest {
  private static final int CLUSTER = 16 << 10;

  private final long seed = Long.getLong("platter.seed", 1);
  private final Random random = new Random(seed);

  @ParameterizedTest
  @ValueSource(ints = {Qcow2Header.COMPRESSION_DEFLATE, Qcow2Header.COMPRESSION_ZSTD})
  void whatIsCompressedDecompressesWhateverFollowsIt(int type) throws DataFormatException {
    try (ClusterCodec codec = ClusterCodec.of(type);
        Arena arena = Arena.ofConfined()) {
      for (int round = 0; round < 60; round++) {
        byte[] cluster = content(1 << (9 + round % 9));
        byte[] out = new byte[codec.maximumBytes(cluster.length)];
        int bytes = codec.compress(MemorySegment.ofArray(cluster), MemorySegment.ofArray(out));
        byte[] stored = garbageFrom(out, bytes, bytes + random.nextInt(512));
        MemorySegment back = arena.allocate(cluster.length);
        codec.decompress(MemorySegment.ofArray(stored), back);
        assertThat(back.mismatch(MemorySegment.ofArray(cluster)))
            .as("seed %d, round %d", seed, round)
            .isEqualTo(-1);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {Qcow2Header.COMPRESSION_DEFLATE, Qcow2Header.COMPRESSION_ZSTD})
  void damagedBytesAreRefusedOrDecodeToSomething(int type) {
    int refused = 0;
    try (ClusterCodec codec = ClusterCodec.of(type)) {
      byte[] out = new byte[codec.maximumBytes(CLUSTER)];
      byte[] cluster = content(CLUSTER);
      int bytes = codec.compress(MemorySegment.ofArray(cluster), MemorySegment.ofArray(out));
      for (int round = 0; round < 300; round++) {
        byte[] stored = Arrays.copyOf(out, round % 2 == 0 ? bytes : random.nextInt(bytes) + 1);
        for (int i = random.nextInt(4); i >= 0; i--) {
          stored[random.nextInt(Math.min(stored.length, 64))] = (byte) random.nextInt();
        }
        MemorySegment back = MemorySegment.ofArray(new byte[CLUSTER]);
        try {
          codec.decompress(MemorySegment.ofArray(stored), back);
        } catch (DataFormatException e) {
          refused++;
        }
      }
    }
    assertThat(refused).as("seed %d", seed).isGreaterThan(100);
  }

  @Test
  void deflateMayGoOnBehindTheCluster() throws DataFormatException {
    try (ClusterCodec codec = new DeflateCodec()) {
      byte[] twice = content(2 * CLUSTER);
      byte[] out = new byte[codec.maximumBytes(twice.length)];
      codec.compress(MemorySegment.ofArray(twice), MemorySegment.ofArray(out));
      byte[] back = new byte[CLUSTER];
      codec.decompress(MemorySegment.ofArray(out), MemorySegment.ofArray(back));
      assertThat(back).isEqualTo(Arrays.copyOf(twice, CLUSTER));
    }
  }

  @Test
  void severalFramesAndSkippableOnesMakeACluster() throws DataFormatException {
    byte[] cluster = content(CLUSTER);
    ByteArrayOutputStream stored = new ByteArrayOutputStream();
    try (ClusterCodec codec = new ZstdCodec()) {
      stored.writeBytes(HexFormat.of().parseHex("552a4d1803000000aabbcc"));
      for (int at = 0; at < CLUSTER; at += CLUSTER / 4) {
        byte[] part = Arrays.copyOfRange(cluster, at, at + CLUSTER / 4);
        byte[] out = new byte[codec.maximumBytes(part.length)];
        int bytes = codec.compress(MemorySegment.ofArray(part), MemorySegment.ofArray(out));
        stored.write(out, 0, bytes);
      }
      stored.writeBytes(new byte[511]);
      byte[] back = new byte[CLUSTER];
      codec.decompress(MemorySegment.ofArray(stored.toByteArray()), MemorySegment.ofArray(back));
      assertThat(back).isEqualTo(cluster);
    }
  }

  @Test
  void framesThatHoldMoreOrLessThanAClusterAreRefused() {
    try (ClusterCodec codec = new ZstdCodec()) {
      byte[] cluster = content(CLUSTER);
      byte[] out = new byte[codec.maximumBytes(CLUSTER)];
      int bytes = codec.compress(MemorySegment.ofArray(cluster), MemorySegment.ofArray(out));
      MemorySegment stored = MemorySegment.ofArray(Arrays.copyOf(out, bytes));
      for (int length : new int[] {CLUSTER / 2, CLUSTER + 1}) {
        MemorySegment back = MemorySegment.ofArray(new byte[length]);
        assertThatThrownBy(() -> codec.decompress(stored, back))
            .isInstanceOf(DataFormatException.class);
      }
    }
  }

  /** Runs, words and noise, in such a mix that distances of more than 4 KiB occur. */
  private byte[] content(int length) {
    byte[] bytes = Seeds.bytes(new SplittableRandom(random.nextLong()), length);
    for (int at = 0; at < length; ) {
      int run = Math.min(length - at, 1 + random.nextInt(3000));
      switch (random.nextInt(4)) {
        case 0 -> Arrays.fill(bytes, at, at + run, (byte) random.nextInt());
        case 1 -> {
          int from = random.nextInt(at + 1);
          int copied = Math.min(run, at - from);
          System.arraycopy(bytes, from, bytes, at, copied);
        }
        case 2 -> {
          for (int i = at; i < at + run; i++) {
            bytes[i] &= 0x1f;
          }
        }
        default -> {}
      }
      at += run;
    }
    return bytes;
  }

  private byte[] garbageFrom(byte[] out, int end, int length) {
    byte[] stored = Arrays.copyOf(out, length);
    for (int i = end; i < length; i++) {
      stored[i] = (byte) random.nextInt();
    }
    return stored;
  }
}
