package dev.perfkit.benchmarks.compress;

import dev.perfkit.compress.Coding;
import dev.perfkit.compress.CompressionTransform;
import dev.perfkit.compress.Decision;
import dev.perfkit.compress.RequestHead;
import dev.perfkit.compress.ResponseCompressor;
import dev.perfkit.compress.ResponseHead;
import dev.perfkit.spi.ByteSize;
import java.util.List;

/** Our encoding of whole bodies at one level. */
interface Ours extends AutoCloseable {

  /** Returns the encoded body; the very one if it does not get smaller. */
  byte[] encode(byte[] body);

  @Override
  void close();

  /** Returns one by coding and level: that of payloads where there is one, or that of responses. */
  static Ours of(String coding) {
    int level = RawCodec.levelOf(coding);
    return switch (tokenOf(coding)) {
      case "zstd" -> new Payload(CompressionTransform.zstd(level, ByteSize.ofBytes(0)));
      case "gzip" -> new Payload(CompressionTransform.gzip(level, ByteSize.ofBytes(0)));
      default -> response(coding);
    };
  }

  /** Returns one of responses, once it is decided how they are sent. */
  static Ours response(String coding) {
    return new Response(codingOf(coding), RawCodec.levelOf(coding));
  }

  /** Returns the coding of a name such as {@code br} or {@code br-5}. */
  static Coding codingOf(String name) {
    String token = tokenOf(name);
    return Coding.builtIn().stream()
        .filter(coding -> coding.token().equals(token))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no coding " + token));
  }

  private static String tokenOf(String name) {
    return name.split("-", 2)[0];
  }

  /** Payloads of a cache. */
  record Payload(CompressionTransform transform) implements Ours {

    private static final byte[] CONTEXT = {};

    @Override
    public byte[] encode(byte[] body) {
      byte[] encoded = transform.encode(body, CONTEXT);
      return encoded == null ? body : encoded;
    }

    @Override
    public void close() {
      transform.close();
    }
  }

  /** Responses. */
  final class Response implements Ours {

    private final ResponseCompressor compressor;
    private final Decision decision;

    Response(Coding coding, int level) {
      compressor =
          ResponseCompressor.named("benchmark").prefer(coding).level(coding, level).build();
      decision =
          compressor.decide(
              new RequestHead(
                  "GET",
                  name -> name.equals("Accept-Encoding") ? List.of(coding.token()) : List.of()),
              ResponseHead.of(
                  200,
                  name -> name.equals("Content-Type") ? List.of("application/json") : List.of()));
    }

    @Override
    public byte[] encode(byte[] body) {
      return compressor.encode(decision, body).bytes();
    }

    @Override
    public void close() {
      compressor.close();
    }
  }
}
