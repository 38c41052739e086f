package dev.perfkit.testkit.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.perfkit.testkit.internal.Ports;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Proves, with plain sockets, that the proxy passes bytes on unchanged, that each fault hits open
 * and new connections as documented and ends with heal, and that closing leaves no socket and no
 * thread. Delays are those of a real network, so they are measured in real time, from below only.
 */
@Timeout(60)
class FaultProxyTest {

  private static final Duration FOREVER = FaultProxy.MAX_DELAY;

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
  void to_runningTarget_passesBytesBothWays() throws IOException {
    try (Socket client = connect()) {
      assertThat(exchange(client, "hello")).isEqualTo("hello");
    }
    assertThat(proxy.host()).isEqualTo("127.0.0.1");
    assertThat(proxy)
        .hasToString(
            "FaultProxy[127.0.0.1:" + proxy.port() + " to /127.0.0.1:" + target.port() + "]");
  }

  @Test
  void to_moreBytesThanItHolds_passesAllInOrder() throws Exception {
    assertThat(echoed(8 * 1024 * 1024)).as("all bytes came back unchanged").isTrue();
  }

  @Test
  void delay_moreBytesThanItHolds_passesAllInOrder() throws Exception {
    proxy.delay(Duration.ofMillis(5));
    assertThat(echoed(4 * 1024 * 1024)).as("all bytes came back unchanged").isTrue();
  }

  @Test
  void to_clientEndsItsHalf_targetCanStillAnswer() throws IOException {
    try (Socket client = connect()) {
      client.getOutputStream().write("last words".getBytes(StandardCharsets.UTF_8));
      client.shutdownOutput();
      assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo("last words");
    }
    await().untilAsserted(() -> assertThat(target.endings()).containsExactly("end"));
    await().untilAsserted(() -> assertThat(proxy.connections()).isZero());
  }

  @Test
  void to_targetDown_resetsTheClientUntilItIsUp() throws IOException {
    int port = target.port();
    target.close();
    assertReset(connect());
    target = EchoTarget.on(port);
    try (Socket client = connect()) {
      assertThat(exchange(client, "back")).isEqualTo("back");
    }
  }

  @Test
  void to_targetResets_resetsTheClient() throws IOException {
    Socket client = connect();
    exchange(client, "hello");
    target.resetConnections();
    assertReset(client);
  }

  @Test
  void to_invalidTarget_saysWhatIsWrong() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FaultProxy.to("127.0.0.1", 0))
        .withMessage("port must be between 1 and 65535 but was 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FaultProxy.to(" ", 1))
        .withMessage("host must not be blank but was ' '");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FaultProxy.to("no-such-host.invalid", 1))
        .withMessage("host must be a known name or address but was no-such-host.invalid");
  }

  @Test
  void delay_bothDirections_addsToTheRoundTripTwice() throws IOException {
    try (Socket client = connect()) {
      exchange(client, "warm up");
      proxy.delay(Duration.ofMillis(80));
      long start = System.nanoTime();
      exchange(client, "slow");
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isGreaterThanOrEqualTo(Duration.ofMillis(160));
    }
  }

  @Test
  void delay_toClientOnly_requestsArriveAndAnswersDoNot() throws IOException {
    try (Socket client = connect()) {
      proxy.delay(Duration.ZERO, FOREVER);
      send(client, "hello");
      await().untilAsserted(() -> assertThat(target.received()).isEqualTo(5));
      assertNothingArrives(client);
    }
  }

  @Test
  void delay_toTargetOnly_requestsDoNotArrive() throws IOException {
    try (Socket client = connect()) {
      proxy.delay(FOREVER, Duration.ZERO);
      send(client, "hello");
      assertNothingArrives(client);
      assertThat(target.received()).isZero();
    }
  }

  @Test
  void heal_bytesUnderWay_arriveAtOnce() throws IOException {
    try (Socket client = connect()) {
      proxy.delay(FOREVER);
      send(client, "hello");
      assertNothingArrives(client);
      proxy.heal();
      assertThat(receive(client, 5)).isEqualTo("hello");
    }
  }

  @Test
  void delay_moreBytesThanItHolds_makesTheSenderWait() throws Exception {
    proxy.delay(FOREVER);
    try (Socket client = connect()) {
      CompletableFuture<Void> writing =
          CompletableFuture.runAsync(() -> write(client, new byte[256 * 1024 * 1024]));
      assertThatExceptionOfType(TimeoutException.class)
          .isThrownBy(() -> writing.get(1, TimeUnit.SECONDS));
      proxy.cut();
      assertThatExceptionOfType(ExecutionException.class)
          .isThrownBy(() -> writing.get(10, TimeUnit.SECONDS))
          .withCauseInstanceOf(UncheckedIOException.class);
    }
  }

  @Test
  void delay_outOfRange_saysWhatIsWrong() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> proxy.delay(Duration.ofMillis(-1)))
        .withMessage("toTarget must be between PT0S and PT1H but was PT-0.001S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> proxy.delay(Duration.ZERO, Duration.ofHours(2)))
        .withMessage("toClient must be between PT0S and PT1H but was PT2H");
  }

  @Test
  void cut_openConnections_areClosedOnBothSides() throws IOException {
    try (Socket client = connect()) {
      exchange(client, "hello");
      proxy.cut();
      assertThat(proxy.connections()).isZero();
      assertThat(client.getInputStream().read()).isEqualTo(-1);
      await().untilAsserted(() -> assertThat(target.endings()).containsExactly("end"));
    }
  }

  @Test
  void cut_newConnections_areRefusedUntilHealed() throws IOException {
    proxy.cut();
    proxy.cut();
    assertThatExceptionOfType(ConnectException.class).isThrownBy(this::connect);
    proxy.heal();
    proxy.heal();
    try (Socket client = connect()) {
      assertThat(exchange(client, "healed")).isEqualTo("healed");
    }
  }

  @Test
  void reset_openConnections_failOnBothSides() throws IOException {
    Socket client = connect();
    exchange(client, "hello");
    proxy.reset();
    assertReset(client);
    await().untilAsserted(() -> assertThat(target.endings()).containsExactly("Connection reset"));
  }

  @Test
  void reset_newConnections_areAccepted() throws IOException {
    proxy.reset();
    try (Socket client = connect()) {
      assertThat(exchange(client, "new")).isEqualTo("new");
    }
  }

  @Test
  void heal_portTakenMeanwhile_saysSoAndCanBeTriedAgain() throws IOException {
    proxy.cut();
    try (ServerSocket thief = new ServerSocket(proxy.port(), 1, Ports.loopback())) {
      assertThatIllegalStateException()
          .isThrownBy(proxy::heal)
          .withMessageStartingWith("proxy on port " + thief.getLocalPort() + " cannot heal: ")
          .withMessageContaining("Address already in use");
    }
    proxy.heal();
    try (Socket client = connect()) {
      assertThat(exchange(client, "again")).isEqualTo("again");
    }
  }

  @Test
  void connections_severalClients_areCounted() throws IOException {
    try (Socket first = connect();
        Socket second = connect()) {
      exchange(first, "1");
      exchange(second, "2");
      assertThat(proxy.connections()).isEqualTo(2);
    }
    await().untilAsserted(() -> assertThat(proxy.connections()).isZero());
  }

  @Test
  void close_openConnections_leavesNoSocketAndNoThread() throws IOException {
    String thread = "perf-testkit-proxy-" + proxy.port() + "-1";
    assertThat(threadNames()).contains(thread);
    try (Socket client = connect()) {
      exchange(client, "hello");
      proxy.close();
      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
    assertThat(threadNames()).doesNotContain(thread);
    assertThat(proxy.connections()).isZero();
    assertThatExceptionOfType(ConnectException.class).isThrownBy(this::connect);
  }

  @Test
  void close_secondTime_doesNothingAndSwitchesAreRefused() {
    proxy.close();
    proxy.close();
    assertThatIllegalStateException()
        .isThrownBy(proxy::cut)
        .withMessage("proxy on port " + proxy.port() + " cannot cut: it is closed");
    assertThatIllegalStateException().isThrownBy(() -> proxy.delay(Duration.ZERO));
    assertThatIllegalStateException().isThrownBy(proxy::reset);
    assertThatIllegalStateException().isThrownBy(proxy::heal);
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

  private static void assertReset(Socket client) throws IOException {
    try (client) {
      assertThatExceptionOfType(SocketException.class)
          .isThrownBy(() -> client.getInputStream().read())
          .withMessage("Connection reset");
    }
  }

  private static void assertNothingArrives(Socket client) throws IOException {
    client.setSoTimeout(150);
    assertThatExceptionOfType(SocketTimeoutException.class)
        .isThrownBy(() -> client.getInputStream().read());
    client.setSoTimeout(20_000);
  }

  private boolean echoed(int bytes) throws Exception {
    byte[] sent = new byte[bytes];
    new Random(7).nextBytes(sent);
    try (Socket client = connect()) {
      CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> write(client, sent));
      InputStream in = client.getInputStream();
      byte[] received = in.readNBytes(bytes);
      writing.get(10, TimeUnit.SECONDS);
      return Arrays.equals(sent, received);
    }
  }

  private static void write(Socket client, byte[] bytes) {
    try {
      client.getOutputStream().write(bytes);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static List<String> threadNames() {
    return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList();
  }
}
