package dev.perfkit.examples.auth;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The table of the same load without and with the modules. */
final class Comparison {

  /**
   * One side of the table.
   *
   * @param queries how many statements the databases ran meanwhile
   * @param hitRate the share of look-ups that the caches answered; NaN without caches
   * @param cpuNanos what this process used meanwhile, the load's own work included
   */
  record Side(Load.Result load, long queries, double hitRate, long cpuNanos) {

    double queriesPerRequest() {
      return perRequest((double) queries);
    }

    double cpuMillisPerRequest() {
      return perRequest(cpuNanos / 1e6);
    }

    private double perRequest(double amount) {
      long requests = load.served() + load.failed();
      return requests == 0 ? Double.NaN : amount / requests;
    }
  }

  private static final String ROW = "  %-34s %14s %14s%n";

  private final PrintStream out;
  private final Side off;
  private final Side on;

  private Comparison(PrintStream out, Side off, Side on) {
    this.out = out;
    this.off = off;
    this.on = on;
  }

  static void print(PrintStream out, Side off, Side on) {
    new Comparison(out, off, on).print();
  }

  private void print() {
    out.printf(ROW, "", "modules off", "modules on");
    row("offered requests/s", "%,.0f", side -> side.load().offeredPerSecond());
    row("achieved requests/s", "%,.0f", side -> side.load().servedPerSecond());
    row("p50 ms (from the intended start)", "%,.1f", side -> side.load().percentileMillis(50));
    row("p95 ms", "%,.1f", side -> side.load().percentileMillis(95));
    row("p99 ms", "%,.1f", side -> side.load().percentileMillis(99));
    row("errors", "%,.0f", side -> side.load().failed());
    row("not served by the end", "%,.0f", Comparison::notServed);
    row("database queries/request", "%.3f", Side::queriesPerRequest);
    row("bytes/response", "%,.0f", side -> side.load().bytesPerResponse());
    row("CPU ms/request, load included", "%.3f", Side::cpuMillisPerRequest);
    row("cache hit rate", "%.1f %%", side -> 100 * side.hitRate());
  }

  private void row(String name, String format, ToDoubleFunction<Side> value) {
    out.printf(
        ROW, name, cell(format, value.applyAsDouble(off)), cell(format, value.applyAsDouble(on)));
  }

  private static String cell(String format, double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, format, value);
  }

  private static double notServed(Side side) {
    return side.load().offered() - side.load().served() - side.load().failed();
  }
}
