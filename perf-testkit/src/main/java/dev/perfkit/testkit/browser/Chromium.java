package dev.perfkit.testkit.browser;

import dev.perfkit.spi.Beta;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A headless Chromium with a fresh profile, driven by chromedriver over the protocol of W3C
 * WebDriver. Both must be installed, chromedriver on the path.
 *
 * <pre>{@code
 * try (Chromium browser = Chromium.start()) {
 *   browser.open("http://localhost:8080/");
 *   String title = browser.run("return document.title");
 * }
 * }</pre>
 *
 * <p>For one thread at a time. {@link #close} ends the driver and the browser.
 */
@Beta
public final class Chromium implements AutoCloseable {

  private static final String DRIVER = "chromedriver";
  private static final Duration CONNECT = Duration.ofSeconds(20);
  private static final Duration ANSWER = Duration.ofSeconds(90);
  private static final Pattern PORT = Pattern.compile("on port (\\d+)\\.");
  private static final Pattern SESSION = Pattern.compile("\"sessionId\":\"([0-9a-f]+)\"");
  private static final Pattern VALUE = Pattern.compile("\\{\"value\":\"([^\"\\\\]*)\"}");
  private static final String FAILED = "failed: ";
  private static final String CAPABILITIES =
      """
      {"capabilities":{"alwaysMatch":{"browserName":"chrome","timeouts":{"script":60000},
       "goog:chromeOptions":{"args":["--headless=new","--no-sandbox","--disable-gpu",
       "--disable-dev-shm-usage","--no-proxy-server"]}}}}
      """;

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT).build();
  private final Process driver;
  private final String session;

  private Chromium(Process driver, int port) throws IOException {
    this.driver = driver;
    String sessions = "http://127.0.0.1:" + port + "/session";
    this.session = sessions + "/" + find(SESSION, post(sessions, CAPABILITIES));
  }

  /**
   * Starts a browser.
   *
   * @throws IOException if there is no chromedriver on the path, or it cannot start a browser
   */
  public static Chromium start() throws IOException {
    return start(DRIVER);
  }

  static Chromium start(String program) throws IOException {
    Process driver = driver(program);
    boolean started = false;
    try {
      Chromium ready = new Chromium(driver, portOf(driver));
      started = true;
      return ready;
    } finally {
      if (!started) {
        end(driver);
      }
    }
  }

  private static Process driver(String program) throws IOException {
    try {
      return new ProcessBuilder(program, "--port=0", "--log-level=SEVERE")
          .redirectErrorStream(true)
          .start();
    } catch (IOException absent) {
      throw new IOException(
          program + " cannot be run: install Chromium and its driver, on Debian chromium-driver",
          absent);
    }
  }

  private static int portOf(Process driver) throws IOException {
    // Not closed: that would end the driver at its next line.
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(driver.getInputStream(), StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Matcher port = PORT.matcher(line);
      if (port.find()) {
        return Integer.parseInt(port.group(1));
      }
    }
    throw new IOException("chromedriver ended before it said its port");
  }

  /**
   * Loads a page, and returns when it is loaded.
   *
   * @throws IOException if the browser cannot
   */
  public void open(String url) throws IOException {
    post(session + "/url", "{\"url\":" + quoted(url) + "}");
  }

  /**
   * Runs the body of an async function in the page and returns what it returns, as text. It has one
   * minute.
   *
   * @throws IOException if the script throws, with what it threw
   */
  public String run(String body) throws IOException {
    String script =
        "const done = arguments[arguments.length - 1];"
            + "const text = value => encodeURIComponent(String(value));"
            + "(async () => {"
            + body
            + "})().then(value => done(text(value)), e => done(text('"
            + FAILED
            + "' + e)));";
    String answer =
        post(session + "/execute/async", "{\"script\":" + quoted(script) + ",\"args\":[]}");
    String result = URLDecoder.decode(find(VALUE, answer), StandardCharsets.UTF_8);
    if (result.startsWith(FAILED)) {
      throw new IOException("script " + result);
    }
    return result;
  }

  /**
   * Sends a header field with every request from now on, instead of the browser's own of that name
   * and of one that was set before.
   *
   * @throws IOException if the browser does not take it
   */
  public void sendWith(String name, String value) throws IOException {
    command("Network.enable", "{}");
    command(
        "Network.setExtraHTTPHeaders",
        "{\"headers\":{" + quoted(name) + ":" + quoted(value) + "}}");
  }

  /** Sends a command of Chromium's own protocol. */
  private void command(String name, String parameters) throws IOException {
    post(
        session + "/goog/cdp/execute",
        "{\"cmd\":" + quoted(name) + ",\"params\":" + parameters + "}");
  }

  private String post(String url, String body) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url))
            .timeout(ANSWER)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> response = send(request);
    if (response.statusCode() != 200) {
      throw new IOException("chromedriver answers " + response.body());
    }
    return response.body();
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while chromedriver worked", interrupted);
    }
  }

  private static String find(Pattern pattern, String text) throws IOException {
    Matcher found = pattern.matcher(text);
    if (!found.find()) {
      throw new IOException("chromedriver answers " + text);
    }
    return found.group(1);
  }

  /** Returns a text as JSON. */
  static String quoted(String text) {
    StringBuilder json = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ') {
        json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        json.append(c);
      }
    }
    return json.append('"').toString();
  }

  /** Ends the browser and its driver. Further calls do nothing. */
  @Override
  public void close() {
    try {
      if (driver.isAlive()) {
        send(HttpRequest.newBuilder(URI.create(session)).timeout(CONNECT).DELETE().build());
      }
    } catch (IOException gone) {
      // It is ended by force.
    } finally {
      end(driver);
    }
  }

  private static void end(Process driver) {
    driver.descendants().forEach(ProcessHandle::destroyForcibly);
    driver.destroyForcibly();
  }

  @Override
  public String toString() {
    return "Chromium[" + (driver.isAlive() ? "running" : "ended") + "]";
  }
}
