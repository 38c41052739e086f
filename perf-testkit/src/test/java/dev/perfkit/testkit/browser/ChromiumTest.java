package dev.perfkit.testkit.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Proves what happens where there is no browser. What it does with one is proven by the tests of
 * the profile {@code browser}.
 */
class ChromiumTest {

  @TempDir Path folder;

  @Test
  void start_withoutADriver_saysWhatToInstall() {
    assertThatThrownBy(() -> Chromium.start(folder.resolve("absent").toString()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("absent cannot be run")
        .hasMessageContaining("install Chromium and its driver")
        .hasCauseInstanceOf(IOException.class);
  }

  @Test
  void start_withADriverThatEnds_fails() {
    assertThatThrownBy(() -> Chromium.start("true"))
        .isInstanceOf(IOException.class)
        .hasMessage("chromedriver ended before it said its port");
  }

  @Test
  void quoted_anyText_isJson() {
    assertThat(Chromium.quoted("plain é")).isEqualTo("\"plain é\"");
    assertThat(Chromium.quoted("a\"b\\c\n")).isEqualTo("\"a\\\"b\\\\c\\u000a\"");
  }
}
