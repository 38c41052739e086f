package dev.perfkit.testkit.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Proves that a black hole swallows what it says and keeps connections, that a throttled connection
 * is never faster than told, and that both are switched on open connections. Rates are those of a
 * real network, so they are measured in real time, from below only.
 */
@Timeout(60)
class FaultProxyLossTest {

  private EchoTarget target;
  private FaultProxy proxy;

  @BeforeEach
  void start() throws IOException {
    target = EchoTarget.start();
    proxy = FaultProxy.to("127.0.0.1", target.port());
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    target.close();
  }

  @Test
  void blackHole_openAndNewConnections_stayOpenAndNothingArrives() throws IOException {
    try (Socket open = connect()) {
      exchange(open, "hello");
      proxy.blackHole();
      try (Socket fresh = connect()) {
        send(open, "lost");
        send(fresh, "lost");
        assertNothingArrives(open);
        assertNothingArrives(fresh);
        assertThat(target.received()).isEqualTo(5);
        assertThat(proxy.connections()).isEqualTo(2);
      }
    }
  }

  @Test
  void blackHole_moreBytesThanItHolds_areAccepted() throws IOException {
    try (Socket client = connect()) {
      proxy.blackHole();
      client.getOutputStream().write(new byte[32 * 1024 * 1024]);
      assertThat(target.received()).isZero();
    }
  }

  @Test
  void blackHole_toTarget_answersStillArrive() throws IOException {
    try (Socket client = connect()) {
      proxy.delay(Duration.ZERO, Duration.ofHours(1));
      send(client, "asked before");
      await().untilAsserted(() -> assertThat(target.received()).isEqualTo(12));
      proxy.blackHole(Direction.TO_TARGET);
      proxy.delay(Duration.ZERO);
      assertThat(receive(client, 12)).isEqualTo("asked before");
      send(client, "lost");
      assertNothingArrives(client);
      assertThat(target.received()).isEqualTo(12);
    }
  }

  @Test
  void blackHole_toClient_requestsStillArrive() throws IOException {
    try (Socket client = connect()) {
      proxy.blackHole(Direction.TO_CLIENT);
      send(client, "hello");
      await().untilAsserted(() -> assertThat(target.received()).isEqualTo(5));
      assertNothingArrives(client);
    }
  }

  @Test
  void blackHole_bytesUnderWay_areLostAndLaterOnesArriveAfterHeal() throws IOException {
    try (Socket client = connect()) {
      proxy.delay(Duration.ofHours(1), Duration.ZERO);
      send(client, "under way");
      assertNothingArrives(client);
      proxy.blackHole();
      proxy.heal();
      assertThat(exchange(client, "after")).isEqualTo("after");
      assertThat(target.received()).isEqualTo(5);
    }
  }

  @Test
  void blackHole_clientEnds_targetLearnsOfItAfterHeal() throws IOException {
    Socket client = connect();
    exchange(client, "hello");
    proxy.blackHole();
    client.close();
    try (Socket other = connect()) {
      assertNothingArrives(other);
      assertThat(target.endings()).isEmpty();
      proxy.heal();
      await().untilAsserted(() -> assertThat(target.endings()).containsExactly("end"));
    }
  }

  @Test
  void blackHole_targetResets_clientLearnsOfItAfterHeal() throws IOException {
    try (Socket client = connect()) {
      exchange(client, "hello");
      proxy.blackHole();
      target.resetConnections();
      assertNothingArrives(client);
      proxy.heal();
      assertThatExceptionOfType(SocketException.class)
          .isThrownBy(() -> client.getInputStream().read())
          .withMessage("Connection reset");
    }
  }

  @Test
  void throttle_bothDirections_isNeverFaster() throws IOException {
    try (Socket client = connect()) {
      exchange(client, "warm up");
      proxy.throttle(100_000);
      assertThat(timeOfExchange(client, 30_000)).isGreaterThan(Duration.ofMillis(250));
      proxy.heal();
      exchange(client, "healed");
    }
  }

  @Test
  void throttle_oneDirection_isNeverFasterThere() throws IOException {
    for (Direction direction : Direction.values()) {
      try (Socket client = connect()) {
        proxy.throttle(direction, 50_000);
        assertThat(timeOfExchange(client, 20_000)).isGreaterThan(Duration.ofMillis(350));
        proxy.heal();
      }
    }
  }

  @Test
  void throttle_switchedLive_holdsForWhatIsUnderWay() throws IOException {
    try (Socket client = connect()) {
      proxy.throttle(1);
      send(client, "0123456789".repeat(1_000));
      assertThat(receive(client, 1)).isEqualTo("0");
      assertThat(target.received()).isLessThan(100);
      proxy.throttle(100_000_000);
      assertThat(receive(client, 9_999)).endsWith("789").hasSize(9_999);
    }
  }

  @Test
  void throttle_outOfRangeOrClosed_saysWhatIsWrong() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> proxy.throttle(0))
        .withMessage("bytesPerSecond must be at least 1 but was 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> proxy.throttle(Direction.TO_CLIENT, -1))
        .withMessage("bytesPerSecond must be at least 1 but was -1");
    proxy.close();
    assertThatIllegalStateException().isThrownBy(() -> proxy.throttle(1));
    assertThatIllegalStateException().isThrownBy(() -> proxy.throttle(Direction.TO_TARGET, 1));
    assertThatIllegalStateException().isThrownBy(proxy::blackHole);
    assertThatIllegalStateException().isThrownBy(() -> proxy.blackHole(Direction.TO_TARGET));
  }

  private static Duration timeOfExchange(Socket client, int bytes) throws IOException {
    long start = System.nanoTime();
    exchange(client, "x".repeat(bytes));
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(proxy.host(), proxy.port());
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static String exchange(Socket client, String text) throws IOException {
    send(client, text);
    return receive(client, text.length());
  }

  private static void send(Socket client, String text) throws IOException {
    client.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String receive(Socket client, int length) throws IOException {
    return new String(client.getInputStream().readNBytes(length), StandardCharsets.US_ASCII);
  }

  private static void assertNothingArrives(Socket client) throws IOException {
    client.setSoTimeout(150);
    assertThatExceptionOfType(SocketTimeoutException.class)
        .isThrownBy(() -> client.getInputStream().read());
    client.setSoTimeout(20_000);
  }
}
