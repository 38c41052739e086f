package dev.perfkit.examples.auth;

import com.sun.management.OperatingSystemMXBean;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;

/**
 * Starts real servers, measures the service without and with perfkit under the same load, prints
 * what changed, and goes on to serve until Ctrl-C.
 */
public final class AuthService implements AutoCloseable {

  private static final int IN_FLIGHT = 64;
  private static final int CALLERS = 2_000;
  private static final double OVERLOAD = 1.5;
  private static final Duration CALIBRATION = Duration.ofSeconds(4);

  private final CommandLine options;
  private final PrintStream out;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final CountDownLatch stopped = new CountDownLatch(1);

  AuthService(CommandLine options, PrintStream out) {
    this.options = options;
    this.out = out;
  }

  /** Runs the program; see {@code --help}. Ends with 2 for wrong options or a taken port. */
  public static void main(String[] arguments) throws Exception {
    if (List.of(arguments).contains("--help")) {
      System.out.println(CommandLine.USAGE);
      return;
    }
    CommandLine options;
    try {
      options = CommandLine.parse(arguments);
    } catch (IllegalArgumentException wrong) {
      System.err.println(wrong.getMessage());
      System.err.println(CommandLine.USAGE);
      System.exit(2);
      return;
    }
    System.exit(run(options));
  }

  private static int run(CommandLine options) throws Exception {
    AuthService service = new AuthService(options, System.out);
    Runtime.getRuntime().addShutdownHook(new Thread(service::close, "auth-service-stop"));
    try (service) {
      service.run();
      return 0;
    } catch (PortTakenException taken) {
      System.err.println(taken.getMessage());
      return 2;
    }
  }

  private void run() throws Exception {
    Ports.requireFree(options.port());
    out.println("Starting PostgreSQL with a streaming standby, and Redis");
    long start = System.nanoTime();
    Backend backend = opened(Backend.start(options.users()));
    backend.removeShutdownHooks();
    out.printf("  ready with sample data after %.1f s%n", (System.nanoTime() - start) / 1e9);

    List<String> tokens =
        IntStream.rangeClosed(1, Math.min(CALLERS, options.users()))
            .mapToObj(backend.tokens()::issue)
            .toList();

    Stack plain = opened(new PlainStack(backend));
    Stack perfkit = opened(new PerfkitStack(backend));
    Api off = opened(serve(plain, backend, 0));
    Api on = opened(serve(perfkit, backend, options.port()));

    out.println("Measuring");
    warmUp(off, tokens, "warm-up, modules off");
    warmUp(on, tokens, "warm-up, modules on");
    double rate = options.rate() > 0 ? options.rate() : OVERLOAD * capacity(off, tokens);
    Comparison.Side without = measure(backend, plain, off, tokens, rate, "off");
    closeNow(off);
    closeNow(plain);
    Comparison.Side with = measure(backend, perfkit, on, tokens, rate, "on");

    out.println();
    Comparison.print(out, without, with);
    out.println();
    out.println("What each module did");
    perfkit.whatItDid().forEach(line -> out.println("  " + line));
    if (!options.exit()) {
      serveUntilStopped(on, tokens.get(0));
    }
  }

  private void serveUntilStopped(Api api, String token) throws InterruptedException {
    URI base = baseOf(api);
    out.printf(
        """

        Serving on %1$s until Ctrl-C. Try:
          curl -s %1$s/status
          curl -s %1$s/metrics
          curl -s --compressed '%1$s/countries?lang=fr'
          curl -s -H 'Content-Type: application/json' \
        -d '{"login":"%2$s","password":"%3$s"}' %1$s/login
          curl -s -H 'Authorization: Bearer %4$s' %1$s/me
        """,
        base, SampleUsers.login(1), SampleUsers.password(1), token);
    out.flush();
    stopped.await();
  }

  private static Api serve(Stack stack, Backend backend, int port) {
    return Api.start(stack, backend.tokens(), ReferenceData.languages(), port);
  }

  /** Both sides are warmed up before either is measured: they share most of the compiled code. */
  private void warmUp(Api api, List<String> tokens, String step) {
    Load.asFastAsPossible(
        options.warmUp(), IN_FLIGHT, workload(api, tokens, 1_000), Progress.of(out, step));
  }

  private double capacity(Api api, List<String> tokens) {
    Load.Result result =
        Load.asFastAsPossible(
            CALIBRATION,
            IN_FLIGHT,
            workload(api, tokens, 1_000),
            Progress.of(out, "calibration, modules off"));
    out.printf("  the service does %,.0f requests/s%n", result.servedPerSecond());
    return result.servedPerSecond();
  }

  private Comparison.Side measure(
      Backend backend, Stack stack, Api api, List<String> tokens, double rate, String modules)
      throws SQLException {
    long queries = backend.queries();
    long cpu = cpuNanos();
    Stack.Lookups before = stack.lookups();
    Load.Result result =
        Load.atRate(
            rate,
            options.duration(),
            IN_FLIGHT,
            workload(api, tokens, Math.max(1, Math.round(rate))),
            Progress.of(out, String.format("%,.0f requests/s offered, modules %s", rate, modules)));
    return new Comparison.Side(
        result,
        backend.queries() - queries,
        stack.lookups().hitRateSince(before),
        cpuNanos() - cpu);
  }

  private Workload workload(Api api, List<String> tokens, long loginEvery) {
    return new Workload(baseOf(api), tokens, options.users(), loginEvery);
  }

  private static URI baseOf(Api api) {
    return URI.create("http://" + Api.HOST + ":" + api.port());
  }

  private static long cpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private <T extends AutoCloseable> T opened(T resource) {
    lock.lock();
    try {
      open.push(resource);
      return resource;
    } finally {
      lock.unlock();
    }
  }

  private void closeNow(AutoCloseable resource) throws Exception {
    lock.lock();
    try {
      open.remove(resource);
      resource.close();
    } finally {
      lock.unlock();
    }
  }

  /** Stops everything, what was started last first. Further calls do nothing. */
  @Override
  public void close() {
    stopped.countDown();
    lock.lock();
    try {
      while (!open.isEmpty()) {
        closeQuietly(open.pop());
      }
    } finally {
      lock.unlock();
    }
  }

  private static void closeQuietly(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception failure) {
      System.err.println("could not stop " + resource + ": " + failure);
    }
  }
}
