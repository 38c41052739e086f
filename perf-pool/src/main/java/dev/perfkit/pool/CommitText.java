package dev.perfkit.pool;

import java.util.Locale;
import java.util.Set;

/**
 * Finds out whether a text may commit what an open transaction has done: one of its statements
 * begins with a word that does. Comments, quoted text and dollar quotes are passed over. Asked only
 * after a failure or a warning, so it may take its time.
 */
final class CommitText {

  private static final Set<String> WORDS = Set.of("COMMIT", "END", "PREPARE", "CALL", "DO");

  private final String sql;
  private int at;

  private CommitText(String sql) {
    this.sql = sql;
  }

  /** Returns whether it may; a text that cannot be read may. */
  static boolean mayCommit(String sql) {
    return new CommitText(sql).search();
  }

  private boolean search() {
    boolean begins = true;
    while (at < sql.length()) {
      char c = sql.charAt(at);
      if (c == ';') {
        begins = true;
        at++;
      } else if (c == '{' && begins) {
        return true;
      } else if (Character.isWhitespace(c)) {
        at++;
      } else if (sql.startsWith("--", at)) {
        skipTo("\n");
      } else if (sql.startsWith("/*", at)) {
        skipComment();
      } else if (begins && Character.isLetter(c)) {
        if (WORDS.contains(word().toUpperCase(Locale.ROOT))) {
          return true;
        }
        begins = false;
      } else {
        begins = false;
        skipToken(c);
      }
    }
    return false;
  }

  private String word() {
    int start = at;
    while (at < sql.length() && Character.isJavaIdentifierPart(sql.charAt(at))) {
      at++;
    }
    return sql.substring(start, at);
  }

  private void skipToken(char c) {
    if (c == '\'' || c == '"') {
      skipQuoted(c);
    } else if (c == '$') {
      skipDollarQuoted();
    } else if (Character.isJavaIdentifierStart(c)) {
      skipWord();
    } else {
      at++;
    }
  }

  /** A word, or a text that allows escapes by backslash. */
  private void skipWord() {
    boolean escapes = word().equalsIgnoreCase("E");
    if (escapes && at < sql.length() && sql.charAt(at) == '\'') {
      at++;
      while (at < sql.length() && sql.charAt(at) != '\'') {
        at += sql.charAt(at) == '\\' ? 2 : 1;
      }
      at++;
    }
  }

  private void skipQuoted(char quote) {
    int end = sql.indexOf(quote, at + 1);
    at = end < 0 ? sql.length() : end + 1;
  }

  private void skipDollarQuoted() {
    int end = sql.indexOf('$', at + 1);
    boolean tag = end > 0 && sql.substring(at + 1, end).chars().allMatch(CommitText::isTagPart);
    if (!tag) {
      at++;
      return;
    }
    String delimiter = sql.substring(at, end + 1);
    at = end + 1;
    skipTo(delimiter);
  }

  private static boolean isTagPart(int c) {
    return c != '$' && Character.isJavaIdentifierPart(c);
  }

  private void skipComment() {
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
    } while (depth > 0 && at < sql.length());
  }

  private void skipTo(String end) {
    int found = sql.indexOf(end, at);
    at = found < 0 ? sql.length() : found + end.length();
  }
}
