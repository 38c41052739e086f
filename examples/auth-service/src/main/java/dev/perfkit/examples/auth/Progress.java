package dev.perfkit.examples.auth;

import java.io.Console;
import java.io.PrintStream;

/** Shows how far a step is: a bar on a terminal, one line at the end elsewhere. For one thread. */
final class Progress {

  private static final int WIDTH = 30;

  private final PrintStream out;
  private final boolean terminal;
  private final String step;
  private final long start = System.nanoTime();

  private Progress(PrintStream out, boolean terminal, String step) {
    this.out = out;
    this.terminal = terminal;
    this.step = step;
  }

  static Progress of(PrintStream out, String step) {
    Progress progress = new Progress(out, isTerminal(), step);
    progress.show(0);
    return progress;
  }

  void show(double share) {
    if (terminal) {
      int full = (int) (WIDTH * Math.min(1, share));
      out.printf(
          "\r  %-44s [%s%s] %3.0f %%",
          step, "#".repeat(full), ".".repeat(WIDTH - full), 100 * Math.min(1, share));
      out.flush();
    }
  }

  void done() {
    if (terminal) {
      show(1);
      out.println();
    } else {
      out.printf("  %-44s %5.1f s%n", step, (System.nanoTime() - start) / 1e9);
    }
  }

  /** Since JDK 22 there is always a console, which then knows whether it is a terminal. */
  @SuppressWarnings("SystemConsoleNull")
  private static boolean isTerminal() {
    Console console = System.console();
    if (console == null || Runtime.version().feature() < 22) {
      return console != null;
    }
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException missing) {
      return false;
    }
  }
}
