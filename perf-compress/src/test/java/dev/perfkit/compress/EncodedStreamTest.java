package dev.perfkit.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.aayushatharva.brotli4j.decoder.DecoderJNI;
import dev.perfkit.testkit.RecordingTelemetry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Proves bodies that are encoded while they are written: whatever the pieces, an independent
 * decoder reads the whole, and after a flush all that was written before it; what was cut short
 * never looks whole; and no stream keeps native memory after its end.
 */
class EncodedStreamTest {

  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final Map<String, List<String>> response = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final List<ResponseCompressor> made = new ArrayList<>();

  EncodedStreamTest() {
    response.put("Content-Type", List.of("text/event-stream"));
  }

  @AfterEach
  void close() {
    made.forEach(ResponseCompressor::close);
  }

  @ParameterizedTest
  @MethodSource("dev.perfkit.compress.Bodies#encodings")
  void write_inAnyPieces_isReadByAnIndependentDecoder(Coding coding) throws IOException {
    ResponseCompressor compressor = of(coding);
    Random random = new Random(7);
    for (int size : new int[] {0, 1, 8_191, 8_192, 8_193, 100_000, 700_000}) {
      for (byte[] body : List.of(Bodies.text(size), Bodies.noise(size))) {
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        try (OutputStream out = compressor.stream(decide(compressor, coding)).to(sent)) {
          for (int from = 0; from < size; ) {
            int length = Math.min(size - from, random.nextInt(20_000));
            out.write(body, from, length);
            from += length;
            if (random.nextInt(4) == 0) {
              out.flush();
            }
          }
        }
        assertThat(Arrays.equals(Bodies.decode(coding, sent.toByteArray()), body))
            .as("%s bytes", size)
            .isTrue();
      }
    }
    assertThat(compressor.openContexts()).isZero();
  }

  @ParameterizedTest
  @MethodSource("dev.perfkit.compress.Bodies#encodings")
  void flush_always_makesWhatWasWrittenDecodable(Coding coding) throws IOException {
    ResponseCompressor compressor = of(coding);
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    int before = 0;
    StringBuilder expected = new StringBuilder();
    try (OutputStream out = compressor.stream(decide(compressor, coding)).to(sent)) {
      for (int i = 0; i < 50; i++) {
        String event = "data: {\"n\":" + i + ",\"state\":\"active\"}\n\n";
        expected.append(event);
        out.write(Bodies.ascii(event));
        out.flush();
        assertThat(sent.size()).as("bytes after event %s", i).isGreaterThan(before);
        before = sent.size();
        out.flush();
        assertThat(sent.size()).as("a flush of nothing writes nothing").isEqualTo(before);
        assertThat(readable(coding, sent.toByteArray(), expected.length()))
            .isEqualTo(expected.toString());
      }
    }
    assertThat(sent.size()).as("events share a window").isLessThan(expected.length() * 2 / 3);
  }

  @ParameterizedTest
  @MethodSource("dev.perfkit.compress.Bodies#encodings")
  void abort_inTheMidst_neverLooksWholeAndFreesTheMemory(Coding coding) throws IOException {
    ResponseCompressor compressor = of(coding);
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    EncodedStream stream = compressor.stream(decide(compressor, coding));
    assertThat(compressor.openContexts()).isEqualTo(1);
    OutputStream out = stream.to(sent);
    out.write(Bodies.text(50_000));
    out.flush();
    stream.abort();
    stream.abort();
    assertThat(compressor.openContexts()).isZero();
    assertThatThrownBy(() -> out.write(1))
        .isInstanceOf(IOException.class)
        .hasMessage("stream aborted");
    assertThatThrownBy(out::close).isInstanceOf(IOException.class);
    assertThat(isWhole(coding, sent.toByteArray())).isFalse();
  }

  @Test
  void body_ofAnotherLengthThanDeclared_isNotEnded() throws IOException {
    response.put("Content-Length", List.of("100"));
    ResponseCompressor compressor = of(Coding.GZIP);
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    OutputStream shorter = compressor.stream(decide(compressor, Coding.GZIP)).to(sent);
    shorter.write(Bodies.text(99));
    assertThatThrownBy(shorter::close)
        .isInstanceOf(IOException.class)
        .hasMessage("body must have the declared 100 bytes but has 99");
    OutputStream longer = compressor.stream(decide(compressor, Coding.GZIP)).to(sent);
    longer.write(Bodies.text(100));
    assertThatThrownBy(() -> longer.write(1))
        .isInstanceOf(IOException.class)
        .hasMessage("body must have the declared 100 bytes but has more");
    assertThat(compressor.openContexts()).isZero();
    assertThat(isWhole(Coding.GZIP, sent.toByteArray())).isFalse();
  }

  @Test
  void body_notToBeEncoded_isSentAsItIsWritten() throws IOException {
    ResponseCompressor compressor = of(Coding.GZIP);
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    EncodedStream stream = compressor.stream(decide(compressor, Coding.BROTLI));
    assertThat(stream.decision().encodes()).isFalse();
    try (OutputStream out = stream.to(sent)) {
      out.write(Bodies.text(20));
      out.flush();
      assertThat(sent.size()).isEqualTo(20);
    }
    assertThatThrownBy(() -> stream.to(sent))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("once");
  }

  @Test
  void head_always_hasTheDecisionOfGetAndNoBody() throws IOException {
    ResponseCompressor compressor = of(Coding.GZIP);
    Decision head = decide(compressor, "HEAD", Coding.GZIP);
    EncodedStream stream = compressor.stream(head);
    assertThat(stream.decision().changes())
        .isEqualTo(compressor.stream(decide(compressor, Coding.GZIP)).decision().changes());
    try (OutputStream out = stream.to(null)) {
      out.write(Bodies.text(2_000));
    }
  }

  @Test
  void stream_overTheMaximum_goesOutAsItIsWritten() throws IOException {
    ResponseCompressor compressor =
        add(ResponseCompressor.named("web").telemetry(telemetry).maximumStreams(2).build());
    EncodedStream first = compressor.stream(decide(compressor, Coding.GZIP));
    EncodedStream second = compressor.stream(decide(compressor, Coding.BROTLI));
    assertThat(telemetry.value("compress.streams", "compressor", "web")).isEqualTo(2);
    EncodedStream third = compressor.stream(decide(compressor, Coding.GZIP));
    assertThat(third.decision().reason()).isEqualTo(Reason.TOO_MANY_STREAMS);
    assertThat(third.decision().changes().set()).containsOnlyKeys("Vary");
    first.abort();
    assertThat(compressor.stream(decide(compressor, Coding.GZIP)).decision().encodes()).isTrue();
    second.abort();
  }

  @Test
  void stream_forgotten_givesItsMemoryBack() {
    ResponseCompressor compressor = of(Coding.ZSTD);
    for (int i = 0; i < 20; i++) {
      forget(compressor);
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              System.gc();
              return compressor.openContexts() == 0;
            });
  }

  private void forget(ResponseCompressor compressor) {
    assertThat(compressor.stream(decide(compressor, Coding.ZSTD)).decision().encodes()).isTrue();
  }

  @Test
  void codec_failing_isAnErrorOfTheStreamAndInHealth() throws IOException {
    FailingCodec codec = new FailingCodec(() -> {});
    ResponseCompressor compressor =
        add(
            ResponseCompressor.named("web")
                .prefer(Coding.GZIP)
                .codecs(coding -> Codecs.Availability.of(codec))
                .build());
    OutputStream out =
        compressor.stream(decide(compressor, Coding.GZIP)).to(OutputStream.nullOutputStream());
    codec.failure = new IllegalStateException("out of luck");
    out.write(1);
    assertThatThrownBy(out::flush)
        .isInstanceOf(IOException.class)
        .hasMessage("gzip failed in the midst of a body");
    assertThat(compressor.health().reason()).contains("gzip failed");
    assertThat(compressor.openContexts()).isZero();
    EncodedStream next = compressor.stream(decide(compressor, Coding.GZIP));
    assertThat(next.decision().reason()).as("fails at its start").isEqualTo(Reason.FAILED);
  }

  private ResponseCompressor of(Coding coding) {
    return add(ResponseCompressor.named("web").prefer(coding).build());
  }

  private ResponseCompressor add(ResponseCompressor compressor) {
    made.add(compressor);
    return compressor;
  }

  private Decision decide(ResponseCompressor compressor, Coding accepted) {
    return decide(compressor, "GET", accepted);
  }

  private Decision decide(ResponseCompressor compressor, String method, Coding accepted) {
    Headers request = name -> name.equals("Accept-Encoding") ? List.of(accepted.token()) : null;
    return compressor.decide(new RequestHead(method, request), ResponseHead.of(200, response::get));
  }

  private static String readable(Coding coding, byte[] sent, int length) throws IOException {
    if (coding.equals(Coding.BROTLI)) {
      return decodedSoFar(sent);
    }
    try (InputStream in = Bodies.decoding(coding, new ByteArrayInputStream(sent))) {
      return Bodies.text(in.readNBytes(length));
    }
  }

  /** Decodes as browsers do; the streams of br decoders give nothing out before the end. */
  private static String decodedSoFar(byte[] sent) throws IOException {
    DecoderJNI.Wrapper decoder = new DecoderJNI.Wrapper(sent.length);
    decoder.getInputBuffer().put(sent);
    decoder.push(sent.length);
    StringBuilder text = new StringBuilder();
    while (decoder.hasOutput()) {
      text.append(StandardCharsets.US_ASCII.decode(decoder.pull()));
    }
    decoder.destroy();
    return text.toString();
  }

  private static boolean isWhole(Coding coding, byte[] sent) {
    try {
      Bodies.decode(coding, sent);
      return true;
    } catch (RuntimeException cut) {
      return false;
    }
  }
}
