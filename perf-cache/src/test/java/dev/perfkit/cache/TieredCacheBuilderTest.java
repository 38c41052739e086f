package dev.perfkit.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perfkit.spi.ByteSize;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Proves that wrong options fail with a message that says which, why and what instead. */
class TieredCacheBuilderTest {

  private static final RedisTier REDIS = RedisTier.at("redis://localhost");

  private static TieredCacheBuilder<String, String> builder() {
    return TieredCache.named("c");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "a{b}", "a*", "-a", "ü"})
  void named_otherForms_areRefused(String name) {
    assertThatThrownBy(() -> TieredCache.named(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("name must ");
  }

  @Test
  void named_lengths_upTo64() {
    TieredCache.named("n".repeat(64));
    assertThatThrownBy(() -> TieredCache.named("n".repeat(65)))
        .hasMessageContaining("1 to 64 letters");
  }

  @Test
  void options_outOfRange_nameThemselves() {
    refused(() -> Memory.entries(0), "memory entries must be at least 1 but was 0");
    refused(() -> builder().timeToLive(Duration.ZERO), "timeToLive must be between");
    refused(() -> builder().timeToLive(Duration.ofDays(366)), "timeToLive must be between");
    refused(() -> builder().timeToLiveJitter(0.6), "timeToLiveJitter must be between 0.0 and 0.5");
    refused(() -> builder().serveStaleFor(Duration.ofMillis(-1)), "serveStaleFor must be between");
    refused(() -> builder().retryLoadAfter(Duration.ZERO), "retryLoadAfter must be between");
    refused(() -> builder().waitForLoadAtMost(Duration.ZERO), "waitForLoadAtMost must be between");
    refused(() -> REDIS.connectTimeout(Duration.ZERO), "connectTimeout must be between");
    refused(() -> REDIS.commandTimeout(Duration.ofHours(1)), "commandTimeout must be between");
    refused(() -> REDIS.poolSize(0), "poolSize must be between 1 and 1024 but was 0");
    refused(() -> REDIS.retryAfter(Duration.ZERO), "retryAfter must be between");
    refused(() -> REDIS.timeToLiveWhileAway(Duration.ZERO), "timeToLiveWhileAway must be between");
    refused(() -> REDIS.pendingRemovals(0), "pendingRemovals must be at least 1 but was 0");
    refused(() -> REDIS.maximumDecodedSize(ByteSize.ofBytes(0)), "maximumDecodedSize must be");
    refused(() -> REDIS.maximumEncodedSize(ByteSize.ofGibibytes(1)), "maximumEncodedSize must be");
  }

  private static void refused(Runnable option, String message) {
    assertThatThrownBy(option::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void build_contradictions_areToldTogether() {
    assertThatThrownBy(
            () ->
                builder()
                    .keys(key -> key)
                    .transform(new XorTransform(5, false), new XorTransform(5, true))
                    .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cache 'c' is not configured correctly")
        .hasMessageContaining("- transform must be used together with remote(...)")
        .hasMessageContaining("- keys must be used together with remote(...)")
        .hasMessageContaining("- ids of transform must be 1 to 255 and differ but was [5, 5]");
  }

  @Test
  void build_idsThatDoNotFitAByte_areRefused() {
    assertThatThrownBy(
            () ->
                builder()
                    .remote(REDIS, StringSerializer.create())
                    .transform(new XorTransform(256, false))
                    .build())
        .hasMessageContaining("ids of transform must be 1 to 255");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost:6379",
        "http://u:hunter2@localhost",
        "redis://u:hunter2@",
        "redis://u:hunter2@h/x",
        "redis://u:hunter2@h h",
        ""
      })
  void at_otherAddresses_areRefusedWithoutShowingThem(String uri) {
    assertThatThrownBy(() -> RedisTier.at(uri))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("uri must be like redis://host:6379")
        .hasMessageNotContaining("hunter2")
        .hasNoCause();
  }

  @Test
  void cluster_nodesThatDiffer_areRefusedWithoutShowingThem() {
    RedisTier tier = RedisTier.cluster("redis://u:hunter2@a", "redis://u:hunter2@b:6380/0");
    assertThat(tier.address()).isEqualTo("a:6379,b:6380");
    assertThat(tier.poolSize(8)).isEqualTo(tier).isNotEqualTo(RedisTier.cluster("redis://a"));
    assertThat(RedisTier.cluster("redis://a")).isNotEqualTo(RedisTier.at("redis://a"));
    for (String other : new String[] {"redis://u:other@b", "rediss://u:hunter2@b", "redis://b/1"}) {
      assertThatThrownBy(() -> RedisTier.cluster("redis://u:hunter2@a", other))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("uris must have the same scheme, user and password, and database 0")
          .hasMessageNotContaining("hunter2");
    }
    assertThatThrownBy(RedisTier::cluster).hasMessageContaining("at least one node");
    assertThatThrownBy(() -> RedisTier.cluster("hunter2")).hasMessageNotContaining("hunter2");
  }

  @Test
  void redisTier_isAValueThatHidesItsLogin() {
    RedisTier tier = RedisTier.at("rediss://u:hunter2@cache.example/3");
    assertThat(tier.poolSize(9)).isEqualTo(tier.poolSize(9)).isNotEqualTo(tier);
    assertThat(tier.poolSize(9)).hasSameHashCodeAs(tier.poolSize(9));
    assertThat(tier.address()).isEqualTo("cache.example:6379");
    assertThat(tier.toString()).contains("cache.example:6379").doesNotContain("hunter2", "u:");
  }
}
