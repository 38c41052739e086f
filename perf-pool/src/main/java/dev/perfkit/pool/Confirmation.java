package dev.perfkit.pool;

import java.lang.reflect.Method;
import java.sql.SQLWarning;
import org.jspecify.annotations.Nullable;

/**
 * Tells a commit that a synchronous standby has confirmed from one whose wait was cancelled: that
 * one is acknowledged with a warning, and is lost if the standby is promoted.
 *
 * <p>The text of the warning depends on the language of the server and it has no SQLSTATE of its
 * own; what tells is the name of the server's routine, which pgjdbc hands over. Its classes are
 * looked at by name, as the module does without the driver; and only if there is a warning.
 */
final class Confirmation {

  private static final String ROUTINE = "SyncRepWaitForLSN";
  private static final int MAX_WARNINGS = 100;

  private Confirmation() {}

  /** Returns the warning that says that the confirmation is missing, or null. */
  static @Nullable SQLWarning missing(@Nullable SQLWarning warnings) {
    @Nullable SQLWarning warning = warnings;
    for (int i = 0; warning != null && i < MAX_WARNINGS; i++) {
      if (ROUTINE.equals(routine(warning))) {
        return warning;
      }
      warning = warning.getNextWarning();
    }
    return null;
  }

  private static @Nullable Object routine(SQLWarning warning) {
    try {
      Method message = warning.getClass().getMethod("getServerErrorMessage");
      Object said = message.invoke(warning);
      return said == null ? null : said.getClass().getMethod("getRoutine").invoke(said);
    } catch (ReflectiveOperationException anotherDriver) {
      return null;
    }
  }
}
