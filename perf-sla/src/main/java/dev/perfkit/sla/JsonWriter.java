package dev.perfkit.sla;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Writes one JSON value (RFC 8259) to a text. Numbers that JSON does not have, and absent ones, are
 * {@code null}. Text that is not well-formed UTF-16 is escaped, so the output always is. The caller
 * opens and closes in pairs and names each member. For one thread.
 */
final class JsonWriter {

  private static final String HEX = "0123456789abcdef";

  private final Appendable out;
  private boolean first = true;

  JsonWriter(Appendable out) {
    this.out = out;
  }

  JsonWriter beginObject() throws IOException {
    return open('{');
  }

  JsonWriter endObject() throws IOException {
    return close('}');
  }

  JsonWriter beginArray() throws IOException {
    return open('[');
  }

  JsonWriter endArray() throws IOException {
    return close(']');
  }

  /** Begins a member of an object; its value comes next. */
  JsonWriter name(String name) throws IOException {
    separate();
    quote(name);
    out.append(':');
    first = true;
    return this;
  }

  JsonWriter value(@Nullable String value) throws IOException {
    separate();
    if (value == null) {
      out.append("null");
    } else {
      quote(value);
    }
    return this;
  }

  JsonWriter value(long value) throws IOException {
    return literal(Long.toString(value));
  }

  JsonWriter value(boolean value) throws IOException {
    return literal(Boolean.toString(value));
  }

  JsonWriter value(double value) throws IOException {
    return literal(Double.isFinite(value) ? Double.toString(value) : "null");
  }

  JsonWriter value(OptionalDouble value) throws IOException {
    return value(value.orElse(Double.NaN));
  }

  /** Writes a duration as a number of seconds. */
  JsonWriter seconds(Duration value) throws IOException {
    return literal(Durations.seconds(value.toNanos()));
  }

  /** Writes a duration as a number of seconds. */
  JsonWriter seconds(Optional<Duration> value) throws IOException {
    return value.isPresent() ? seconds(value.get()) : literal("null");
  }

  private JsonWriter literal(String text) throws IOException {
    separate();
    out.append(text);
    return this;
  }

  private JsonWriter open(char bracket) throws IOException {
    separate();
    out.append(bracket);
    first = true;
    return this;
  }

  private JsonWriter close(char bracket) throws IOException {
    out.append(bracket);
    first = false;
    return this;
  }

  private void separate() throws IOException {
    if (!first) {
      out.append(',');
    }
    first = false;
  }

  private void quote(String text) throws IOException {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (mustEscape(text, i)) {
        escape(c);
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  /** Control characters, lone surrogates, and two that end a line in old JavaScript. */
  private static boolean mustEscape(String text, int i) {
    char c = text.charAt(i);
    if (Character.isHighSurrogate(c)) {
      return i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1));
    }
    if (Character.isLowSurrogate(c)) {
      return i == 0 || !Character.isHighSurrogate(text.charAt(i - 1));
    }
    return c < ' ' || c == 0x7F || c == 0x2028 || c == 0x2029;
  }

  private void escape(char c) throws IOException {
    out.append("\\u");
    for (int shift = 12; shift >= 0; shift -= 4) {
      out.append(HEX.charAt((c >> shift) & 0xF));
    }
  }
}
