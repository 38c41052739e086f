package dev.perfkit.examples.auth;

import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The service with its servers, and a load for it. */
abstract class RunningService {

  static final int USERS = 2_000;
  static final int RATE = 150;
  static final Duration TIME = Duration.ofSeconds(10);

  /** The longest wait for what must come, on a machine that is busy with other things. */
  static final Duration BOUND = Duration.ofSeconds(30);

  /** What is late is sent late, and counts all the same. */
  static final Duration PATIENCE = Duration.ofMinutes(2);

  Backend backend;
  PerfkitStack stack;
  Api api;

  @BeforeEach
  void start() {
    backend = Backend.start(USERS);
    stack = new PerfkitStack(backend);
    api = Api.start(stack, backend.tokens(), ReferenceData.languages(), 0);
  }

  @AfterEach
  void stop() {
    api.close();
    stack.close();
    backend.close();
  }

  /** Begins a load that lasts for {@link #TIME}, or as long as its last requests need. */
  CompletableFuture<Load.Result> load() {
    List<String> tokens =
        IntStream.rangeClosed(1, USERS).mapToObj(backend.tokens()::issue).toList();
    Workload workload = new Workload(base(), tokens, USERS, RATE);
    Progress silent =
        Progress.of(
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8), "");
    return CompletableFuture.supplyAsync(
        () -> Load.atRate(RATE, TIME, PATIENCE, 32, workload, silent));
  }

  URI base() {
    return URI.create("http://" + Api.HOST + ":" + api.port());
  }
}
