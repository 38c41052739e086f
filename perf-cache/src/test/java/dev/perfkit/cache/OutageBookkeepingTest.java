package dev.perfkit.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Proves when the breaker opens and closes, and that no removal is forgotten before it is
 * delivered.
 */
class OutageBookkeepingTest {

  private final Breaker breaker = new Breaker();
  private final KeyLayout<String> layout = new KeyLayout<>("c", null, 1);
  private final PendingRemovals pending = new PendingRemovals(2);

  private RemoteKey key(String text) {
    return layout.of(text);
  }

  private void failTimes(int count) {
    for (int i = 0; i < count; i++) {
      breaker.failed("refused", 100);
    }
  }

  @Test
  void breaker_failuresInARow_opensOnceAtTheThreshold() {
    failTimes(Breaker.THRESHOLD - 1);
    assertThat(breaker.isClosed()).isTrue();
    assertThat(breaker.failed("refused", 100)).isTrue();
    assertThat(breaker.failed("refused", 100)).isFalse();
    assertThat(breaker.isClosed()).isFalse();
    assertThat(breaker.openNanos(150)).isEqualTo(50);
    assertThat(breaker.lastFailure()).isEqualTo("refused");
  }

  @Test
  void breaker_answerBetweenFailures_startsTheCountAgain() {
    failTimes(Breaker.THRESHOLD - 1);
    breaker.answered();
    failTimes(Breaker.THRESHOLD - 1);
    assertThat(breaker.isClosed()).isTrue();
  }

  @Test
  void breaker_halfOpen_isTheRecoverysAlone() {
    assertThat(breaker.halfOpen()).as("closed").isFalse();
    failTimes(Breaker.THRESHOLD);
    assertThat(breaker.halfOpen()).isTrue();
    assertThat(breaker.halfOpen()).as("by a second one").isFalse();
    assertThat(breaker.isClosed()).isFalse();
    breaker.answered();
    assertThat(breaker.state())
        .as("a late answer closes nothing")
        .isEqualTo(Breaker.State.HALF_OPEN);
    assertThat(breaker.reopen()).isTrue();
    breaker.halfOpen();
    assertThat(breaker.close()).isTrue();
    assertThat(breaker.reopen()).isFalse();
    assertThat(breaker.isClosed()).isTrue();
  }

  @Test
  void pending_anAddedKey_isCoveredUntilDelivered() {
    pending.add(key("a"));
    assertThat(pending.covers(key("a"))).isTrue();
    assertThat(pending.covers(key("b"))).isFalse();
    pending.keys().forEach(pending::delivered);
    assertThat(pending.isEmpty()).isTrue();
  }

  @Test
  void pending_addedAgainWhileDelivered_staysCovered() {
    pending.add(key("a"));
    Map<RemoteKey, Long> sent = pending.keys();
    pending.add(key("a"));
    sent.forEach(pending::delivered);
    assertThat(pending.covers(key("a"))).isTrue();
  }

  @Test
  void pending_aTag_coversTheValuesThatHaveItUntilDelivered() {
    pending.add(new Tag("red", true));
    assertThat(pending.covers(List.of("blue", "red"))).isTrue();
    assertThat(pending.covers(List.of("blue"))).isFalse();
    assertThat(pending.covers(key("a"))).as("a key").isFalse();
    assertThat(pending.isEmpty()).isFalse();
    pending.tags().forEach(pending::delivered);
    assertThat(pending.covers(List.of("red"))).isFalse();
    pending.add(new Tag(Marks.ALL, false));
    assertThat(pending.covers(List.of())).as("all values").isTrue();
  }

  @Test
  void pending_tooMany_coversEveryKeyAndSaysSoOnce() {
    assertThat(pending.add(key("a"))).isFalse();
    assertThat(pending.add(key("b"))).isFalse();
    assertThat(pending.add(key("a"))).as("known").isFalse();
    assertThat(pending.add(key("c"))).isTrue();
    assertThat(pending.add(key("d"))).isFalse();
    assertThat(pending.covers(key("z"))).isTrue();
    assertThat(pending.size()).isEqualTo(2);
  }

  @Test
  void pending_addedWhileSwept_sweepsAgain() {
    pending.add(key("a"));
    pending.add(key("b"));
    pending.add(key("c"));
    long sweep = pending.overflow();
    pending.add(key("d"));
    assertThat(pending.swept(sweep)).isFalse();
    assertThat(pending.swept(pending.overflow())).isTrue();
    assertThat(pending.covers(key("z"))).isFalse();
  }
}
