package dev.perfkit.compress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.testkit.FakeTimeSource;
import dev.perfkit.testkit.RecordingTelemetry;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Proves what is told of encoding: Server-Timing where it was asked for, CPU time and ratio. */
class ObservationTest {

  private final FakeTimeSource time = FakeTimeSource.create();
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final Map<String, List<String>> response = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final List<ResponseCompressor> made = new ArrayList<>();

  ObservationTest() {
    response.put("Content-Type", List.of("application/json"));
  }

  @AfterEach
  void close() {
    made.forEach(ResponseCompressor::close);
  }

  @Test
  void serverTiming_askedFor_isAddedToThatOfTheApplication() {
    ResponseCompressor web = slow(web().serverTiming());
    assertThat(timing(get(web, "/"))).isEqualTo("compress;dur=7.000;desc=\"gzip-6\"");
    response.put("Server-Timing", List.of("db;dur=5", "cache"));
    assertThat(timing(get(web, "/")))
        .isEqualTo("db;dur=5, cache, compress;dur=7.000;desc=\"gzip-6\"");
  }

  @Test
  void serverTiming_notAskedForOrPaddedOrIdentity_isNotTold() {
    assertThat(timing(get(slow(web()), "/"))).isNull();
    ResponseCompressor padded = slow(web().serverTiming().route("/*", RoutePolicy.padded()));
    assertThat(timing(get(padded, "/"))).isNull();
    response.put("Content-Type", List.of("image/png"));
    assertThat(timing(get(slow(web().serverTiming()), "/"))).isNull();
  }

  @Test
  void telemetry_always_tellsCpuTimeAndRatio() throws IOException {
    ResponseCompressor web = slow(web());
    assertThat(telemetry.value("compress.ratio", "coding", "gzip")).isNaN();
    int sent = get(web, "/").bytes().length;
    assertThat(telemetry.count("compress.cpu", "coding", "gzip"))
        .isEqualTo(Duration.ofMillis(7).toNanos());
    assertThat(telemetry.value("compress.ratio", "coding", "gzip")).isEqualTo(sent / 5_000.0);
  }

  @Test
  void cpuTime_ofARealClock_isThatOfTheThread() throws IOException {
    ResponseCompressor web = web().prefer(Coding.GZIP).build();
    made.add(web);
    for (int i = 0; i < 200; i++) {
      get(web, "/");
    }
    long whole = telemetry.count("compress.cpu", "coding", "gzip");
    assertThat(whole).isPositive();
    long nanos =
        telemetry.durations("compress.encode", "coding", "gzip").stream()
            .mapToLong(Duration::toNanos)
            .sum();
    assertThat(whole).as("no more than the duration").isLessThanOrEqualTo(nanos);
    EncodedStream aborted = web.stream(web.decide(request("/"), head()));
    OutputStream out = aborted.to(OutputStream.nullOutputStream());
    out.write(Bodies.text(500_000));
    aborted.abort();
    assertThat(telemetry.count("compress.cpu", "coding", "gzip"))
        .as("of streams that were aborted, too")
        .isGreaterThan(whole);
  }

  private ResponseCompressorBuilder web() {
    return ResponseCompressor.named("web").telemetry(telemetry);
  }

  /** Encodes as gzip does, and takes seven milliseconds. */
  private ResponseCompressor slow(ResponseCompressorBuilder builder) {
    FailingCodec codec = new FailingCodec(() -> time.advance(Duration.ofMillis(7)));
    ResponseCompressor compressor =
        builder
            .prefer(Coding.GZIP)
            .codecs(coding -> Codecs.Availability.of(codec))
            .timeSource(time)
            .build();
    made.add(compressor);
    return compressor;
  }

  private EncodedBody get(ResponseCompressor web, String path) {
    return web.compress(request(path), head(), Bodies.text(5_000));
  }

  private static RequestHead request(String path) {
    return new RequestHead(
        "GET", name -> name.equals("Accept-Encoding") ? List.of("gzip") : null, path);
  }

  private ResponseHead head() {
    return ResponseHead.of(200, response::get);
  }

  private static @Nullable String timing(EncodedBody body) {
    return body.decision().changes().set().get("Server-Timing");
  }
}
