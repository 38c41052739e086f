package dev.perfkit.pool;

/**
 * Cuts a text into the tokens of PostgreSQL, in one pass. What it cannot read for sure is {@link
 * Token#UNKNOWN}, and nothing after it is worth reading: text that is open at the end, characters
 * of other dialects, and a quote after a backslash, which ends a text or does not by a setting of
 * the server.
 */
final class SqlScanner {

  /** What a token is. */
  enum Token {
    WORD,
    QUOTED_NAME,
    TEXT,
    NUMBER,
    OPEN,
    CLOSE,
    SEMICOLON,
    DOT,
    CAST,
    SIGN,
    UNKNOWN,
    END
  }

  private static final String SIGNS = "+-*/<>=~!@#%^&|?,:[]{}";

  private final String sql;
  private final int length;
  private int start;
  private int at;

  SqlScanner(String sql) {
    this.sql = sql;
    this.length = sql.length();
  }

  /** Returns the next token; {@link Token#END} again and again at the end. */
  Token next() {
    if (!skipBlanks()) {
      return Token.UNKNOWN;
    }
    start = at;
    if (at == length) {
      return Token.END;
    }
    char c = sql.charAt(at);
    if (startsName(c)) {
      return word();
    }
    at++;
    return switch (c) {
      case '(' -> Token.OPEN;
      case ')' -> Token.CLOSE;
      case ';' -> Token.SEMICOLON;
      case '\'' -> plainText();
      case '"' -> quotedName();
      case '$' -> dollar();
      case '.' -> isDigitAt(at) ? number() : Token.DOT;
      case ':' -> colon();
      default -> isDigit(c) ? number() : sign(c);
    };
  }

  /** Returns the last token in lower case; letters beyond ASCII stay as they are. */
  String text() {
    char[] text = new char[at - start];
    for (int i = 0; i < text.length; i++) {
      char c = sql.charAt(start + i);
      text[i] = c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
    }
    return new String(text);
  }

  /**
   * Passes over spaces and comments; false if a comment does not end, or is a command to others.
   */
  private boolean skipBlanks() {
    while (at < length) {
      char c = sql.charAt(at);
      if (c == ' ' || (c >= '\t' && c <= '\r')) {
        at++;
      } else if (sql.startsWith("--", at)) {
        skipLine();
      } else if (sql.startsWith("/*", at)) {
        if (sql.startsWith("!", at + 2) || !skipComment()) {
          return false;
        }
      } else {
        return true;
      }
    }
    return true;
  }

  private void skipLine() {
    while (at < length && sql.charAt(at) != '\n' && sql.charAt(at) != '\r') {
      at++;
    }
  }

  private boolean skipComment() {
    int depth = 0;
    do {
      if (sql.startsWith("/*", at)) {
        depth++;
        at += 2;
      } else if (sql.startsWith("*/", at)) {
        depth--;
        at += 2;
      } else {
        at++;
      }
    } while (depth > 0 && at < length);
    return depth == 0;
  }

  private Token word() {
    while (at < length && continuesName(sql.charAt(at))) {
      at++;
    }
    boolean escapes = at == start + 1 && (sql.charAt(start) | 0x20) == 'e';
    if (escapes && at < length && sql.charAt(at) == '\'') {
      at++;
      return escapedText();
    }
    return Token.WORD;
  }

  private Token number() {
    while (at < length && (continuesName(sql.charAt(at)) || sql.charAt(at) == '.')) {
      at++;
    }
    return Token.NUMBER;
  }

  /** A text in which a backslash is a character, or an escape on servers that are set so. */
  private Token plainText() {
    boolean escaped = false;
    while (at < length) {
      char c = sql.charAt(at++);
      if (c == '\'') {
        if (escaped) {
          return Token.UNKNOWN;
        }
        if (at == length || sql.charAt(at) != '\'') {
          return Token.TEXT;
        }
        at++;
      }
      escaped = c == '\\' && !escaped;
    }
    return Token.UNKNOWN;
  }

  private Token escapedText() {
    while (at < length) {
      char c = sql.charAt(at++);
      if (c == '\\') {
        at = Math.min(at + 1, length);
      } else if (c == '\'') {
        if (at == length || sql.charAt(at) != '\'') {
          return Token.TEXT;
        }
        at++;
      }
    }
    return Token.UNKNOWN;
  }

  private Token quotedName() {
    while (at < length) {
      if (sql.charAt(at++) == '"') {
        if (at == length || sql.charAt(at) != '"') {
          return Token.QUOTED_NAME;
        }
        at++;
      }
    }
    return Token.UNKNOWN;
  }

  /** A numbered parameter, or a text between two tags. */
  private Token dollar() {
    if (isDigitAt(at)) {
      while (isDigitAt(at)) {
        at++;
      }
      return Token.SIGN;
    }
    int end = at;
    while (end < length && sql.charAt(end) != '$' && continuesName(sql.charAt(end))) {
      end++;
    }
    if (end == length || sql.charAt(end) != '$') {
      return Token.UNKNOWN;
    }
    String tag = sql.substring(start, end + 1);
    int closing = sql.indexOf(tag, end + 1);
    at = closing < 0 ? length : closing + tag.length();
    return closing < 0 ? Token.UNKNOWN : Token.TEXT;
  }

  private Token colon() {
    if (at < length && sql.charAt(at) == ':') {
      at++;
      return Token.CAST;
    }
    return Token.SIGN;
  }

  private static Token sign(char c) {
    return SIGNS.indexOf(c) < 0 ? Token.UNKNOWN : Token.SIGN;
  }

  private boolean isDigitAt(int index) {
    return index < length && isDigit(sql.charAt(index));
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean startsName(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c > 127;
  }

  private static boolean continuesName(char c) {
    return startsName(c) || isDigit(c) || c == '$';
  }
}
