package dev.perfkit.compress.html;

import dev.perfkit.compress.Minifier;
import dev.perfkit.spi.Beta;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Comment;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jspecify.annotations.Nullable;

/**
 * Leaves out comments and runs of whitespace of whole HTML documents in UTF-8.
 *
 * <p>The result is the document as jsoup, and so a browser, reads it: tags left out are there,
 * misplaced ones are moved. Text in {@code pre}, {@code textarea}, {@code script} and {@code style}
 * stays as it is; elsewhere a run of whitespace becomes one space, which changes what is seen where
 * a style sheet keeps whitespace ({@code white-space: pre}). Fragments, documents that declare no
 * UTF-8, and conditional comments stay as they are.
 *
 * <p>Immutable. Its class loads only where jsoup is on the class path.
 */
@Beta
public final class HtmlMinifier implements Minifier {

  private static final Pattern RUN = Pattern.compile("[ \\t\\n\\f\\r]+");
  private static final Set<String> VERBATIM = Set.of("pre", "textarea", "script", "style");
  private static final HtmlMinifier INSTANCE = new HtmlMinifier();

  private HtmlMinifier() {}

  /** Returns the minifier. */
  public static HtmlMinifier create() {
    return INSTANCE;
  }

  @Override
  public String id() {
    return "html-1";
  }

  /** Returns whether it is {@code text/html} that says it is UTF-8. */
  @Override
  public boolean accepts(String contentType) {
    String type = contentType.toLowerCase(Locale.ROOT).replace(" ", "").replace("\"", "");
    return type.startsWith("text/html;") && type.contains("charset=utf-8");
  }

  @Override
  public byte @Nullable [] minify(byte[] body) {
    String html = decoded(body);
    if (html == null || !isDocument(html)) {
      return null;
    }
    Document document = Jsoup.parse(html);
    document.outputSettings().prettyPrint(false).charset(StandardCharsets.UTF_8);
    List<Node> comments = new ArrayList<>();
    document.forEachNode(node -> collect(node, comments));
    comments.forEach(HtmlMinifier::remove);
    document.forEachNode(HtmlMinifier::shorten);
    byte[] smaller = document.outerHtml().getBytes(StandardCharsets.UTF_8);
    return smaller.length < body.length ? smaller : null;
  }

  private static @Nullable String decoded(byte[] body) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException notUtf8) {
      return null;
    }
  }

  /** A fragment would get a head and a body that its reader does not expect. */
  private static boolean isDocument(String html) {
    String start = html.stripLeading();
    return startsWith(start, "<!doctype html") || startsWith(start, "<html");
  }

  private static boolean startsWith(String text, String start) {
    return text.regionMatches(true, 0, start, 0, start.length());
  }

  private static void collect(Node node, List<Node> comments) {
    if (node instanceof Comment comment && !isConditional(comment.getData())) {
      comments.add(node);
    }
  }

  /** Makes one text of those before and after a comment, as a reader will. */
  private static void remove(Node comment) {
    Node before = comment.previousSibling();
    Node after = comment.nextSibling();
    comment.remove();
    if (before instanceof TextNode first && after instanceof TextNode second) {
      second.text(first.getWholeText() + second.getWholeText());
      first.remove();
    }
  }

  private static void shorten(Node node) {
    if (node instanceof TextNode text && !isVerbatim(text)) {
      String whole = text.getWholeText();
      String shorter = RUN.matcher(whole).replaceAll(" ");
      if (shorter.length() < whole.length()) {
        text.text(shorter);
      }
    }
  }

  private static boolean isConditional(String comment) {
    return comment.startsWith("[if")
        || comment.endsWith("endif]")
        || comment.startsWith("<![endif");
  }

  private static boolean isVerbatim(Node node) {
    for (Node at = node.parent(); at != null; at = at.parent()) {
      if (VERBATIM.contains(at.nodeName())) {
        return true;
      }
    }
    return false;
  }
}
