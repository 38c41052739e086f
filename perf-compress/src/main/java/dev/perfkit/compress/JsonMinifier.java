package dev.perfkit.compress;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Leaves out whitespace between the tokens of JSON; works on bytes, as UTF-8 allows. */
enum JsonMinifier implements Minifier {
  INSTANCE;

  @Override
  public String id() {
    return "json-1";
  }

  /** JSON is UTF-8; a type that says otherwise is left alone, as are sequences of texts. */
  @Override
  public boolean accepts(String contentType) {
    String type = Fields.nameOf(contentType);
    return (type.equals("application/json") || type.endsWith("+json"))
        && !ContentTypes.isStreamed(type)
        && Fields.isUtf8OrUnsaid(contentType);
  }

  @Override
  public byte @Nullable [] minify(byte[] body) {
    int first = firstSpace(body);
    return first < 0 ? null : stripped(body, first);
  }

  /** Returns where the first whitespace outside of a string is; -1 if there is none. */
  private static int firstSpace(byte[] body) {
    int at = 0;
    while (at < body.length && !isSpace(body[at])) {
      at = body[at] == '"' ? afterString(body, at) : at + 1;
    }
    return at < body.length ? at : -1;
  }

  private static byte @Nullable [] stripped(byte[] body, int first) {
    byte[] kept = new byte[body.length];
    System.arraycopy(body, 0, kept, 0, first);
    int length = first;
    int at = first;
    boolean apart = false;
    while (at < body.length) {
      if (isSpace(body[at])) {
        apart = true;
        at++;
        continue;
      }
      if (apart && length > 0 && !expectsMore(kept[length - 1]) && !followsAny(body[at])) {
        return null; // two values in a row, which only whitespace keeps apart
      }
      apart = false;
      int end = body[at] == '"' ? afterString(body, at) : at + 1;
      if (end > body.length) {
        return null; // a string without an end
      }
      System.arraycopy(body, at, kept, length, end - at);
      length += end - at;
      at = end;
    }
    return length == 0 ? null : Arrays.copyOf(kept, length);
  }

  /** Returns where a string that begins here has ended; beyond the end if it does not. */
  private static int afterString(byte[] body, int from) {
    int at = from + 1;
    while (at < body.length && body[at] != '"') {
      at += body[at] == '\\' ? 2 : 1;
    }
    return at < body.length ? at + 1 : body.length + 1;
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\n' || b == '\r' || b == '\t';
  }

  private static boolean expectsMore(byte b) {
    return b == '{' || b == '[' || b == ':' || b == ',';
  }

  private static boolean followsAny(byte b) {
    return b == '}' || b == ']' || b == ':' || b == ',';
  }
}
