package dev.perfkit.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.perfkit.spi.Event;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.TimeSource;
import dev.perfkit.testkit.RecordingEvents;
import dev.perfkit.testkit.net.FaultProxy;
import dev.perfkit.testkit.redis.RedisFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClient;

/**
 * Proves, record by record, that every invalidation which Redis acknowledged was applied by a node
 * that listens, or is covered by an event that says what was dropped: while messages are lost, the
 * node is cut off for longer than the log reaches back, and Redis loses its data.
 */
class BackplaneIT {

  private static final TimeSource TIME = TimeSource.system();
  private static final Duration LONGEST = Duration.ofSeconds(20);

  private final RedisFixture redis = RedisFixture.start();
  private final FaultProxy proxy = FaultProxy.to(redis.host(), redis.port());
  private final RecordingEvents events = RecordingEvents.create();
  private final KeyLayout<String> layout = new KeyLayout<>("traced", null, 1);
  private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
  private final Set<String> applied = ConcurrentHashMap.newKeySet();
  private final List<Acknowledged> records = new ArrayList<>();
  private final RedisConnection connection =
      connection(proxy.port(), "traced", Duration.ofSeconds(1));
  private final RedisConnection writer = connection(redis.port(), "writer", LONGEST);
  private final RedisLink writing = new RedisLink(writer.route(), 1_000, false);
  private final Shard shard = new Shard(0, TIME.nanoTime());
  private final Backplane backplane = node();

  /** What Redis answered to an invalidation; each is of another key. */
  private record Acknowledged(String key, long genesis, long sequence) {

    /** A node that went from one position to another dropped all that is between them. */
    boolean isBetween(String[] from, String[] to) {
      String mine = HexFormat.of().toHexDigits(genesis);
      boolean after = from[0].equals(mine) && sequence > Long.parseLong(from[1]);
      boolean before = to[0].equals(mine) && sequence <= Long.parseLong(to[1]);
      return from[0].equals(to[0]) ? after && before : after || before;
    }
  }

  private static RedisConnection connection(int port, String name, Duration timeout) {
    RedisTier tier =
        RedisTier.at("redis://127.0.0.1:" + port)
            .connectTimeout(timeout)
            .commandTimeout(timeout)
            .retryAfter(Duration.ofMillis(20));
    return new RedisConnection(tier.settings(), name);
  }

  private Backplane node() {
    RedisLink link = new RedisLink(connection.route(), 1_000, false);
    Tallies tallies = new Tallies(Telemetry.none(), "traced");
    Notices notices = new Notices("traced", events, TIME);
    Freshness freshness = new Freshness(TIME);
    Lanes lanes =
        Lanes.of(
            1, part -> new RedisCalls(link, connection.route(), TIME, tallies, notices, "redis"));
    Backplane node =
        new Backplane(
            lanes,
            connection.subscriber(),
            new Marks(),
            List.of(shard),
            layout,
            new Backplane.Memory((key, sequence) -> applied.add(key), key -> {}),
            freshness,
            notices,
            TIME,
            tallies,
            LONGEST.toNanos());
    List<RedisPart> parts =
        RedisPart.of(lanes, node, List.of(shard), layout, freshness, (tag, tokens) -> true);
    Recovery recovery =
        Recovery.of(
            parts.get(0), new PendingRemovals(1), notices, scheduler, Duration.ofMillis(20));
    node.start(scheduler, TimeUnit.MILLISECONDS.toNanos(50), recovery::wakeUp);
    return node;
  }

  @BeforeEach
  void awaitContact() {
    await().atMost(LONGEST).untilAsserted(() -> assertThat(shard.isConfirmed()).isTrue());
  }

  @AfterEach
  void stop() {
    backplane.close();
    scheduler.shutdownNow();
    connection.close();
    writer.close();
    proxy.close();
    redis.close();
  }

  private void write(int count) {
    for (int i = 0; i < count; i++) {
      String key = "k" + records.size();
      Reply reply = writing.invalidate(layout.of(key), null, List.of());
      records.add(new Acknowledged(key, reply.genesis(), reply.sequence()));
    }
  }

  private void killListeners() {
    try (RedisClient client = RedisClient.create(redis.host(), redis.port())) {
      Object unused =
          client.executeCommand(
              new CommandArguments(Protocol.Command.CLIENT).add("KILL").add("TYPE").add("pubsub"));
    }
  }

  private void awaitCaughtUp() {
    Acknowledged last = records.get(records.size() - 1);
    await()
        .atMost(LONGEST)
        .untilAsserted(
            () -> {
              assertThat(shard.position().genesis()).isEqualTo(last.genesis());
              assertThat(shard.position().sequence()).isGreaterThanOrEqualTo(last.sequence());
            });
  }

  /** The event follows the new position. */
  private void awaitCovered() {
    await().atMost(LONGEST).untilAsserted(() -> assertThat(uncovered()).isEmpty());
  }

  private List<Acknowledged> uncovered() {
    List<Event> drops = events.events("memory-dropped");
    return records.stream()
        .filter(each -> !applied.contains(each.key()))
        .filter(each -> drops.stream().noneMatch(drop -> covers(drop, each)))
        .toList();
  }

  private static boolean covers(Event drop, Acknowledged record) {
    return record.isBetween(
        String.valueOf(drop.details().get("from")).split(" ", -1),
        String.valueOf(drop.details().get("to")).split(" ", -1));
  }

  @Test
  void records_messagesLost_areAllApplied() {
    for (int i = 0; i < 5; i++) {
      write(40);
      killListeners();
      write(40);
    }
    awaitCaughtUp();
    awaitCovered();
    assertThat(events.events("memory-dropped")).isEmpty();
    assertThat(applied).hasSize(records.size());
  }

  @Test
  void records_nodeCutOff_areAppliedFromTheLog() {
    write(10);
    proxy.cut();
    write(RedisLink.LOG_LENGTH - 100);
    proxy.heal();
    write(10);
    awaitCaughtUp();
    awaitCovered();
    assertThat(applied).hasSize(records.size());
  }

  @Test
  void records_moreThanTheLogHolds_areCoveredByADrop() {
    write(10);
    proxy.cut();
    write(RedisLink.LOG_LENGTH + 500);
    proxy.heal();
    write(10);
    awaitCaughtUp();
    awaitCovered();
    assertThat(applied).hasSizeLessThan(records.size());
  }

  @Test
  void records_redisLostItsData_areCoveredByADrop() {
    write(50);
    proxy.cut();
    write(20);
    redis.kill();
    redis.restart();
    writer.route().dropIdle();
    write(20);
    proxy.heal();
    write(20);
    awaitCaughtUp();
    awaitCovered();
    assertThat(events.types()).contains("memory-dropped");
  }
}
