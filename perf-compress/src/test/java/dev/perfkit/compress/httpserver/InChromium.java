package dev.perfkit.compress.httpserver;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.perfkit.compress.Coding;
import dev.perfkit.compress.Dictionary;
import dev.perfkit.compress.ResponseCompressor;
import dev.perfkit.testkit.browser.Chromium;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Proves in a real browser, over http://localhost: bodies in br, zstd and gzip, the difference to a
 * dictionary it was given before, and events that arrive one by one. Needs Chromium and its driver;
 * run by the profile {@code browser}.
 */
class InChromium {

  private static final byte[] VERSION_1 = script(1);
  private static final byte[] VERSION_2 = script(2);
  private static final Dictionary APP = Dictionary.matching("/app/*", VERSION_1).id("app-1");
  private static final int EVENTS = 5;

  private static final ExecutorService THREADS = Executors.newCachedThreadPool();
  private static final Map<String, ResponseCompressor> COMPRESSORS =
      Map.of(
          "br", ResponseCompressor.named("br").prefer(Coding.BROTLI).build(),
          "zstd", ResponseCompressor.named("zstd").prefer(Coding.ZSTD).build(),
          "gzip", ResponseCompressor.named("gzip").prefer(Coding.GZIP).build(),
          "app", ResponseCompressor.named("app").dictionaries(APP).build());

  /** What was answered, by path: the coding, and what the browser said it has. */
  private static final Map<String, String> ANSWERED = new ConcurrentHashMap<>();

  private static final Semaphore SEEN = new Semaphore(0);

  private static HttpServer server;
  private static Chromium browser;

  @BeforeAll
  static void start() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(THREADS);
    COMPRESSORS.forEach(
        (name, compressor) ->
            server
                .createContext("/" + name, InChromium::answer)
                .getFilters()
                .add(CompressionFilter.of(compressor)));
    server.createContext("/seen", InChromium::seen);
    server.createContext(
        "/", exchange -> send(exchange, "text/html", "<p>here".getBytes(US_ASCII)));
    server.start();
    browser = Chromium.start();
    browser.open("http://localhost:" + server.getAddress().getPort() + "/");
  }

  @AfterAll
  static void stop() throws Exception {
    if (browser != null) {
      browser.close();
    }
    server.stop(0);
    THREADS.shutdownNow();
    COMPRESSORS.values().forEach(ResponseCompressor::close);
  }

  @ParameterizedTest
  @ValueSource(strings = {"br", "zstd", "gzip"})
  void body_inEachCoding_isReadByTheBrowser(String coding) throws Exception {
    assertThat(browser.run(fetched("/" + coding + "/2.js"))).isEqualTo(sumOf(VERSION_2));
    assertThat(ANSWERED).containsEntry("/" + coding + "/2.js", coding);
  }

  @Test
  void dictionary_givenBefore_makesTheNextVersionADifference() throws Exception {
    assertThat(browser.run(fetched("/app/1.js"))).isEqualTo(sumOf(VERSION_1));
    assertThat(ANSWERED.get("/app/1.js")).as("the first time").isIn("zstd", "br", "gzip");
    // The browser takes its time to keep the dictionary.
    String coding = "none";
    for (int i = 0; i < 100 && !coding.startsWith("dc"); i++) {
      String path = "/app/2.js?" + i;
      assertThat(browser.run(fetched(path))).isEqualTo(sumOf(VERSION_2));
      coding = ANSWERED.getOrDefault(path, "none");
    }
    assertThat(coding).isEqualTo("dcz");
  }

  @Test
  void events_oneByOne_arriveBeforeTheNextIsWritten() throws Exception {
    String received =
        browser.run(
            "const source = new EventSource('/zstd/events'); let all = '';"
                + "return await new Promise((resolve, reject) => {"
                + "source.onerror = () => reject('connection ended');"
                + "source.onmessage = async e => { all += e.data; await fetch('/seen');"
                + "if (all.length == "
                + EVENTS
                + ") { source.close(); resolve(all); } }; });");
    assertThat(received).isEqualTo("01234");
    assertThat(ANSWERED).containsEntry("/zstd/events", "zstd");
  }

  private static void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().toString();
    if (path.endsWith("/events")) {
      events(exchange);
    } else {
      boolean first = path.contains("1.js");
      exchange.getResponseHeaders().set("Cache-Control", "max-age=3600");
      if (first) {
        exchange.getResponseHeaders().set("Use-As-Dictionary", APP.useAsDictionary());
      }
      send(exchange, "text/javascript", first ? VERSION_1 : VERSION_2);
    }
    note(exchange);
  }

  private static void note(HttpExchange exchange) {
    String coding = exchange.getResponseHeaders().getFirst("Content-Encoding");
    ANSWERED.put(exchange.getRequestURI().toString(), coding == null ? "identity" : coding);
  }

  /** Writes each event only after the browser has said that it has seen the one before. */
  private static void events(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    note(exchange);
    try (OutputStream out = exchange.getResponseBody()) {
      for (int i = 0; i < EVENTS; i++) {
        out.write(("data: " + i + "\n\n").getBytes(US_ASCII));
        out.flush();
        if (!SEEN.tryAcquire(30, TimeUnit.SECONDS)) {
          throw new IOException("the browser has not seen event " + i);
        }
      }
    } catch (InterruptedException interrupted) {
      throw new IOException(interrupted);
    }
  }

  private static void seen(HttpExchange exchange) throws IOException {
    SEEN.release();
    exchange.sendResponseHeaders(204, -1);
    exchange.close();
  }

  private static void send(HttpExchange exchange, String type, byte[] body) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    note(exchange);
    exchange.close();
  }

  /** Returns a script that gives the sum of what it fetches. */
  private static String fetched(String path) {
    return "const bytes = new Uint8Array(await (await fetch('"
        + path
        + "')).arrayBuffer()); let sum = 7;"
        + "for (const b of bytes) sum = (sum * 31 + b) % 1000003; return bytes.length + '/' + sum;";
  }

  private static String sumOf(byte[] bytes) {
    long sum = 7;
    for (byte b : bytes) {
      sum = (sum * 31 + b) % 1000003;
    }
    return bytes.length + "/" + sum;
  }

  private static byte[] script(int version) {
    StringBuilder script = new StringBuilder();
    for (int i = 0; i < 1_500; i++) {
      script.append("function f").append(i * 7919 % 10007).append("() { return ").append(i);
      script.append(i % 100 == 0 ? " + " + version : "").append("; }\n");
    }
    return script.toString().getBytes(US_ASCII);
  }
}
