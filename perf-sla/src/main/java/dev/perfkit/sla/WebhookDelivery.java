package dev.perfkit.sla;

import dev.perfkit.spi.Event;
import dev.perfkit.spi.support.WorkerThreads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The queue of a webhook and the one thread that empties it. */
final class WebhookDelivery {

  private static final Logger log = LoggerFactory.getLogger(Webhook.class);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);
  private static final long LONGEST_PAUSE_MILLIS = 60_000;
  private static final long POLL_MILLIS = 100;
  private static final long BODY_MILLIS = 250;

  private enum Answer {
    TAKEN,
    AGAIN,
    NEVER
  }

  private final Webhook.Builder options;
  private final Clock clock;
  private final LongConsumer onDrop;
  private final BlockingQueue<Event> queue;
  private final HttpClient client;
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final AtomicLong delivered = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private volatile boolean failing;

  WebhookDelivery(Webhook.Builder options) {
    this.options = options;
    this.clock = options.clock;
    this.onDrop = options.onDrop;
    this.queue = new ArrayBlockingQueue<>(options.capacity);
    this.client =
        HttpClient.newBuilder()
            .connectTimeout(options.timeout)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    this.thread = WorkerThreads.factory("sla", "webhook").newThread(this::run);
    this.thread.start();
  }

  void add(Event event) {
    if (closing.getCount() == 0 || !queue.offer(event)) {
      drop(1);
    }
  }

  long delivered() {
    return delivered.get();
  }

  long dropped() {
    return dropped.get();
  }

  void close() {
    closing.countDown();
    try {
      thread.join(CLOSE_WITHIN.toMillis() / 2);
      thread.interrupt();
      thread.join(CLOSE_WITHIN.toMillis() / 2);
    } catch (InterruptedException interrupted) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (closing.getCount() > 0 || !queue.isEmpty()) {
        Event event = queue.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
        if (event != null) {
          deliver(event);
        }
      }
    } catch (InterruptedException closed) {
      // What waits is lost, and counted below.
    } finally {
      int left = queue.size();
      queue.clear();
      drop(left);
    }
  }

  private void deliver(Event event) throws InterruptedException {
    boolean taken = false;
    try {
      taken = attempt(event);
    } finally {
      if (taken) {
        delivered.incrementAndGet();
      } else {
        drop(1);
      }
    }
  }

  /** Returns whether the event was taken in the end. */
  private boolean attempt(Event event) throws InterruptedException {
    byte[] body = body(event);
    String id = UUID.randomUUID().toString();
    for (int attempt = 1; ; attempt++) {
      Answer answer = send(request(body, id));
      boolean last = attempt >= options.attempts || answer == Answer.NEVER;
      if (answer == Answer.TAKEN || last || closing.await(pause(attempt), TimeUnit.MILLISECONDS)) {
        return answer == Answer.TAKEN;
      }
    }
  }

  private long pause(int attempt) {
    long whole = longestPause(options.backoff, attempt);
    return whole / 2 + ThreadLocalRandom.current().nextLong(whole / 2 + 1);
  }

  /** Returns the longest pause after an attempt, in milliseconds; the first is 1. */
  static long longestPause(Duration backoff, int attempt) {
    return Math.min(LONGEST_PAUSE_MILLIS, backoff.toMillis() << Math.min(16, attempt - 1));
  }

  /** The status is the answer; a body that never ends does not make it another one. */
  private Answer send(HttpRequest request) throws InterruptedException {
    CompletableFuture<Integer> answered = new CompletableFuture<>();
    CompletableFuture<HttpResponse<Void>> sent =
        client.sendAsync(
            request,
            head -> {
              answered.complete(head.statusCode());
              return HttpResponse.BodySubscribers.discarding();
            });
    try {
      CompletableFuture.anyOf(answered, sent)
          .get(options.timeout.toMillis(), TimeUnit.MILLISECONDS);
      int status = answered.join();
      awaitEnd(sent);
      boolean taken = status >= 200 && status < 300;
      said(taken ? null : "answered " + status);
      boolean again = status == 408 || status == 429 || status >= 500;
      return taken ? Answer.TAKEN : again ? Answer.AGAIN : Answer.NEVER;
    } catch (TimeoutException slow) {
      said("gave no answer within " + options.timeout);
      return Answer.AGAIN;
    } catch (ExecutionException failure) {
      said("failed: " + failure.getCause());
      return Answer.AGAIN;
    } finally {
      sent.cancel(true);
    }
  }

  /** Lets the connection be used again, if the body ends soon. */
  private static void awaitEnd(CompletableFuture<?> sent) throws InterruptedException {
    try {
      sent.get(BODY_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException ignored) {
      // The connection is given up.
    }
  }

  /** Logs the first failure after a success, without the address, which may hold a token. */
  private void said(@Nullable String problem) {
    if (problem != null && !failing) {
      log.warn(
          "webhook at {} {}; further failures are not logged until one event is delivered",
          options.address.getHost(),
          problem);
    }
    failing = problem != null;
  }

  private HttpRequest request(byte[] body, String id) {
    String timestamp = Long.toString(clock.instant().getEpochSecond());
    HttpRequest.Builder request =
        HttpRequest.newBuilder(options.address)
            .timeout(options.timeout)
            .header("Content-Type", "application/json")
            .header("Perfkit-Id", id)
            .header("Perfkit-Timestamp", timestamp)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    byte[] secret = options.secret;
    if (secret != null) {
      request.header("Perfkit-Signature", "v1=" + signature(secret, timestamp, body));
    }
    return request.build();
  }

  static String signature(byte[] secret, String timestamp, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      mac.update((timestamp + ".").getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(mac.doFinal(body));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("every JDK has HMAC-SHA-256", impossible);
    }
  }

  private static byte[] body(Event event) {
    StringBuilder text = new StringBuilder(512);
    JsonWriter json = new JsonWriter(text);
    try {
      json.beginObject().name("source").value(event.source()).name("type").value(event.type());
      json.name("severity").value(event.severity().name());
      json.name("epochMillis").value(event.epochMillis());
      json.name("message").value(event.message()).name("details").beginObject();
      for (Map.Entry<String, String> detail : event.details().entrySet()) {
        json.name(detail.getKey()).value(detail.getValue());
      }
      json.endObject().endObject();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private void drop(long count) {
    if (count > 0) {
      dropped.addAndGet(count);
      try {
        onDrop.accept(count);
      } catch (RuntimeException failure) {
        log.warn("what a webhook tells its drops to failed", failure);
      }
    }
  }
}
