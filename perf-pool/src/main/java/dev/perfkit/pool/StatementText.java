package dev.perfkit.pool;

import dev.perfkit.pool.SqlScanner.Token;
import java.util.Set;

/**
 * Decides by its text what a statement may do. Only what is known to be harmless is: a statement
 * begins with a word that reads, contains none of the words that write or lock, and calls functions
 * of {@link KnownFunctions} only. Every name before a parenthesis is taken for a function unless
 * the grammar leaves no room for one there. Of several statements the one that allows least counts.
 *
 * <p>What no text shows stays open: a view, an operator or a function of the same name in another
 * schema may call anything. A replica refuses to write, whatever the text is.
 */
final class StatementText {

  private static final Set<String> READING = Set.of("select", "values", "table", "with");

  /** Show what is so; nothing is run as long as {@code analyze} is not said. */
  private static final Set<String> SHOWING = Set.of("show", "explain");

  private static final Set<String> WRITING =
      Set.of("insert", "update", "delete", "merge", "into", "share", "analyze", "analyse");

  private final SqlScanner scanner;
  private final Set<String> safe;
  private StatementKind kind = StatementKind.READ;
  private boolean begins = true;
  private boolean empty = true;
  private Token last = Token.END;
  private String lastText = "";
  private Token beforeLast = Token.END;
  private String beforeLastText = "";
  private String qualifier = "";

  private StatementText(String sql, Set<String> safe) {
    this.scanner = new SqlScanner(sql);
    this.safe = safe;
  }

  /**
   * Returns what a text is.
   *
   * @param safe functions that only read, besides those known here
   */
  static StatementKind kindOf(String sql, Set<String> safe) {
    return new StatementText(sql, safe).read();
  }

  private StatementKind read() {
    Token token = scanner.next();
    while (token != Token.END && kind != StatementKind.STATEFUL) {
      take(token);
      token = scanner.next();
    }
    return empty ? StatementKind.STATEFUL : kind;
  }

  private void take(Token token) {
    String text = token == Token.WORD || token == Token.QUOTED_NAME ? scanner.text() : "";
    switch (token) {
      case UNKNOWN -> limit(StatementKind.STATEFUL);
      case SEMICOLON -> begins = true;
      case OPEN -> limit(beforeParenthesis());
      case WORD -> limit(begins ? atBegin(text) : within(text));
      case QUOTED_NAME -> limit(ofName(text.substring(1)));
      default -> {}
    }
    if (begins && token != Token.SEMICOLON && token != Token.OPEN) {
      begun(token);
    }
    qualifier = last == Token.DOT ? beforeLastText : "";
    beforeLast = last;
    beforeLastText = lastText;
    last = token;
    lastText = text;
  }

  private void begun(Token token) {
    if (token != Token.WORD) {
      limit(StatementKind.STATEFUL);
    }
    begins = false;
    empty = false;
  }

  private void limit(StatementKind least) {
    kind = kind.and(least);
  }

  private static StatementKind atBegin(String word) {
    if (READING.contains(word)) {
      return StatementKind.READ;
    }
    return SHOWING.contains(word) ? StatementKind.STATELESS : StatementKind.STATEFUL;
  }

  private static StatementKind within(String word) {
    return WRITING.contains(word) ? StatementKind.STATEFUL : ofName(word);
  }

  /** System catalogs and views may show the node or the session rather than the data. */
  private static StatementKind ofName(String name) {
    boolean system = name.startsWith("pg_") && !name.startsWith("pg_catalog");
    return system ? StatementKind.STATELESS : StatementKind.READ;
  }

  private StatementKind beforeParenthesis() {
    if (last == Token.QUOTED_NAME) {
      return namesColumnsOrType() ? StatementKind.READ : StatementKind.STATEFUL;
    }
    if (last != Token.WORD || namesColumnsOrType()) {
      return StatementKind.READ;
    }
    if (beforeLast == Token.DOT) {
      return qualifier.equals("pg_catalog")
          ? KnownFunctions.kindOf(lastText)
          : StatementKind.STATEFUL;
    }
    return KnownFunctions.isGrammar(lastText, beforeLast == Token.CLOSE) || safe.contains(lastText)
        ? StatementKind.READ
        : KnownFunctions.kindOf(lastText);
  }

  /** After these the grammar has no call: an alias with columns, or a type with its size. */
  private boolean namesColumnsOrType() {
    if (beforeLast == Token.CAST) {
      return true;
    }
    return beforeLast == Token.WORD
        && (beforeLastText.equals("as")
            || beforeLastText.equals("with")
            || beforeLastText.equals("recursive"));
  }
}
