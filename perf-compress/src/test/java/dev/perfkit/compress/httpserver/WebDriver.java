package dev.perfkit.compress.httpserver;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A headless Chromium, driven by chromedriver over the protocol of W3C WebDriver. */
final class WebDriver implements AutoCloseable {

  private static final Pattern PORT = Pattern.compile("on port (\\d+)\\.");
  private static final Pattern SESSION = Pattern.compile("\"sessionId\":\"([0-9a-f]+)\"");
  private static final Pattern VALUE = Pattern.compile("\\{\"value\":\"([^\"\\\\]*)\"}");
  private static final String CAPABILITIES =
      """
      {"capabilities":{"alwaysMatch":{"browserName":"chrome","timeouts":{"script":60000},
       "goog:chromeOptions":{"args":["--headless=new","--no-sandbox","--disable-gpu",
       "--disable-dev-shm-usage","--no-proxy-server"]}}}}
      """;

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(20)).build();
  private final Process driver;
  private final String session;

  private WebDriver(Process driver, int port) throws IOException, InterruptedException {
    this.driver = driver;
    String sessions = "http://127.0.0.1:" + port + "/session";
    this.session = sessions + "/" + find(SESSION, post(sessions, CAPABILITIES));
  }

  static WebDriver start() throws IOException, InterruptedException {
    Process driver =
        new ProcessBuilder("chromedriver", "--port=0", "--log-level=SEVERE")
            .redirectErrorStream(true)
            .start();
    boolean started = false;
    try {
      WebDriver ready = new WebDriver(driver, portOf(driver));
      started = true;
      return ready;
    } finally {
      if (!started) {
        driver.descendants().forEach(ProcessHandle::destroyForcibly);
        driver.destroyForcibly();
      }
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

  void open(String url) throws IOException, InterruptedException {
    post(session + "/url", "{\"url\":\"" + url + "\"}");
  }

  /**
   * Runs the body of an async function and returns the plain text it returns.
   *
   * @param body without double quotes, backslashes and line breaks
   */
  String run(String body) throws IOException, InterruptedException {
    String script =
        "const done = arguments[arguments.length - 1];"
            + "(async () => {"
            + body
            + "})().then(done, e => done('failed: ' + e));";
    return find(
        VALUE, post(session + "/execute/async", "{\"script\":\"" + script + "\",\"args\":[]}"));
  }

  private String post(String url, String body) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url))
            .timeout(Duration.ofSeconds(90))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException("chromedriver answers " + response.body());
    }
    return response.body();
  }

  private static String find(Pattern pattern, String text) throws IOException {
    Matcher found = pattern.matcher(text);
    if (!found.find()) {
      throw new IOException("chromedriver answers " + text);
    }
    return found.group(1);
  }

  @Override
  public void close() throws IOException {
    try {
      http.send(
          HttpRequest.newBuilder(URI.create(session))
              .timeout(Duration.ofSeconds(20))
              .DELETE()
              .build(),
          HttpResponse.BodyHandlers.discarding());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      driver.descendants().forEach(ProcessHandle::destroyForcibly);
      driver.destroyForcibly();
    }
  }
}
