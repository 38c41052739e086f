package dev.perfkit.compress.html;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Proves what is left out of HTML and what is not, and which bodies are left alone. */
class HtmlMinifierTest {

  private static final String PAGE =
      """
      <!DOCTYPE html>
      <html lang="en">
        <head>
          <title>A   title</title>
          <!-- build 4711 -->
          <style>
            a  { color : red }
          </style>
          <script>
            if (a  <  b) { run("<!-- no comment -->"); }
          </script>
        </head>
        <body>
          <!--[if IE]><p>old</p><![endif]-->
          <p>Some   <b> bold </b>
             text &amp; more &lt;</p>
          <pre>
        two   spaces
          <!-- inside -->
          </pre>
          <textarea>
         as   typed </textarea>
        </body>
      </html>
      """;

  private final HtmlMinifier minifier = HtmlMinifier.create();

  @Test
  void minify_document_leavesOutCommentsAndRunsOfSpace() {
    String minified = Objects.requireNonNull(minify(PAGE));
    assertThat(minified)
        .startsWithIgnoringCase("<!DOCTYPE html>")
        .doesNotContain("build 4711")
        .doesNotContain("inside")
        .contains("<p>Some <b> bold </b> text &amp; more &lt;</p>")
        .contains("<title>A title</title>")
        .contains("<!--[if IE]>")
        .hasSizeLessThan(PAGE.length());
  }

  @Test
  void minify_verbatimElements_keepTheirText() {
    Document before = Jsoup.parse(PAGE);
    Document after = Jsoup.parse(Objects.requireNonNull(minify(PAGE)));
    for (String element : new String[] {"pre", "textarea", "script", "style"}) {
      assertThat(after.expectFirst(element).wholeText())
          .as(element)
          .isEqualTo(before.expectFirst(element).wholeText());
    }
    for (String element : new String[] {"script", "style"}) {
      assertThat(after.expectFirst(element).data())
          .as(element)
          .isEqualTo(before.expectFirst(element).data());
    }
    assertThat(after.body().text()).isEqualTo(before.body().text());
  }

  @Test
  void minify_whatIsMinified_staysAsItIs() {
    String once = Objects.requireNonNull(minify(PAGE));
    assertThat(minify(once)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"<p>a   fragment</p>", "", "plain   text", "<!-- x --><div>  </div>"})
  void minify_fragment_staysAsItIs(String html) {
    assertThat(minify(html)).isNull();
  }

  @Test
  void minify_bytesThatAreNotUtf8_stayAsTheyAre() {
    byte[] latin = "<html><body>  caf\u00e9  </body></html>".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(minifier.minify(latin)).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          text/html; charset=utf-8           | true
          Text/HTML;charset="UTF-8"          | true
          text/html                          | false
          text/html; charset=iso-8859-1      | false
          application/xhtml+xml;charset=utf-8| false
          """)
  void accepts_contentType_isHtmlThatSaysItIsUtf8(String type, boolean accepted) {
    assertThat(minifier.accepts(type)).isEqualTo(accepted);
  }

  private @Nullable String minify(String html) {
    byte[] minified = minifier.minify(html.getBytes(StandardCharsets.UTF_8));
    return minified == null ? null : new String(minified, StandardCharsets.UTF_8);
  }
}
