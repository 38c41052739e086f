package dev.perfkit.examples.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.testkit.browser.Chromium;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The service's own page in a real browser, over http://localhost: in br, zstd and, once the
 * browser has a dictionary, dcz; figures arrive event by event. Needs Chromium and its driver; run
 * by the profile {@code browser}.
 */
@SuppressWarnings("NullAway.Init") // set before each test
class InChromium extends RunningService {

  /** Waits for a text on the page. */
  private static final String TEXT_OF =
      """
      const at = id => document.getElementById(id);
      const wanted = async check => {
        while (!check()) { await new Promise(later => setTimeout(later, 20)); }
      };
      """;

  private Chromium browser;

  @BeforeEach
  void startBrowser() throws IOException {
    browser = Chromium.start();
  }

  @AfterEach
  void stopBrowser() {
    if (browser != null) {
      browser.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"br", "zstd"})
  void page_inEachCoding_showsCountriesAndFigures(String coding) throws Exception {
    browser.sendWith("Accept-Encoding", coding);
    openPage();
    assertThat(shown()).matches("2\\d\\d countries, sent as " + coding);
    assertThat(browser.run("return document.body.innerText")).contains("Germany", "Euro");
    for (String path : List.of("/", "/languages")) {
      assertThat(browser.run("return " + codingOf(path))).as(path).isEqualTo(coding);
    }
    String figures = TEXT_OF + "await wanted(() => at('figures').innerText.includes('requests'));";
    assertThat(browser.run(figures + "return at('stream').textContent")).startsWith("Event ");
  }

  @Test
  void language_chosenNext_isTheDifferenceToTheDictionary() throws Exception {
    openPage();
    assertThat(shown()).endsWith("sent as zstd");
    // The browser takes its time to keep the dictionary.
    String shown = "";
    for (int i = 0; i < 200 && !shown.endsWith("dcz"); i++) {
      shown = choose("de");
    }
    assertThat(shown).endsWith("sent as dcz");
    assertThat(browser.run("return document.body.innerText")).contains("Deutschland", "Frankreich");
    assertThat(sizeOf("de")).isPositive().isLessThan(sizeOf("en"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"br", "zstd"})
  void figures_ofEachSecond_arriveEventByEvent(String coding) throws Exception {
    browser.sendWith("Accept-Encoding", coding);
    openPage();
    // The service never ends this response: what is seen was sent before the next event was made.
    String numbers =
        browser.run(
            """
            const source = new EventSource('/events');
            const numbers = [];
            return await new Promise((resolve, reject) => {
              source.onerror = () => reject('connection ended');
              source.addEventListener('figures', event => {
                numbers.push(JSON.parse(event.data).number);
                if (numbers.length == 3) {
                  const open = source.readyState == EventSource.OPEN;
                  source.close();
                  resolve(numbers.join(' ') + (open ? ' open' : ' closed'));
                }
              });
            });
            """);
    assertThat(numbers).isEqualTo("1 2 3 open");
    assertThat(browser.run("return " + codingOf("/events"))).isEqualTo(coding);
  }

  private void openPage() throws IOException {
    browser.open("http://localhost:" + api.port() + "/");
  }

  /** Returns what the page says of the countries it shows. */
  private String shown() throws IOException {
    return browser.run(
        TEXT_OF + "await wanted(() => at('size').textContent); return at('size').textContent");
  }

  private String choose(String language) throws IOException {
    return browser.run(
        TEXT_OF
            + "at('size').textContent = ''; at('language').value = '"
            + language
            + "'; at('language').onchange({target: at('language')});"
            + "await wanted(() => at('size').textContent); return at('size').textContent");
  }

  /** Returns an expression that gives the coding of an answer. */
  private static String codingOf(String path) {
    return "(await (async () => { const stop = new AbortController();"
        + "const answer = await fetch('"
        + path
        + "', {signal: stop.signal, headers: {Accept: 'text/event-stream, */*'}});"
        + "const coding = answer.headers.get('Content-Encoding'); stop.abort(); return coding; })())";
  }

  /** Returns how many bytes the last answer in a language had on its way. */
  private int sizeOf(String language) throws IOException {
    return Integer.parseInt(
        browser.run(
            "return performance.getEntriesByType('resource').filter(each => each.name.endsWith("
                + "'/countries?lang="
                + language
                + "')).pop().encodedBodySize"));
  }
}
