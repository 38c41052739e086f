package dev.perfkit.pool;

import dev.perfkit.pool.SqlScanner.Token;
import java.util.Set;

/**
 * Finds out whether a text may commit what an open transaction has done: one of its statements
 * begins with a word that does, or with the brace of JDBC's calls. Asked only after a failure or a
 * warning, so it may take its time.
 */
final class CommitText {

  private static final Set<String> WORDS = Set.of("commit", "end", "prepare", "call", "do", "{");

  private CommitText() {}

  /** Returns whether it may; a text that cannot be read may. */
  static boolean mayCommit(String sql) {
    SqlScanner scanner = new SqlScanner(sql);
    boolean begins = true;
    Token token = scanner.next();
    while (token != Token.END) {
      if (token == Token.UNKNOWN || (begins && WORDS.contains(scanner.text()))) {
        return true;
      }
      begins = token == Token.SEMICOLON;
      token = scanner.next();
    }
    return false;
  }
}
