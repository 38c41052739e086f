package dev.perfkit.cache;

import org.junit.jupiter.api.Test;

/**
 * Proves that no load brings back what a removal or a write that ended before has replaced. An
 * install that does not check its marker fails this within a few hundred rounds.
 */
class FenceTest {

  private final TieredCache<String, Long> cache = TieredCache.<String, Long>named("fence").build();

  @Test
  void get_removalsDuringLoads_neverReturnsARemovedVersion() throws Exception {
    new FenceRace(cache, 3000).run(version -> cache.remove("k"));
  }

  @Test
  void get_putsDuringLoads_neverReturnsAnOverwrittenVersion() throws Exception {
    new FenceRace(cache, 3000).run(version -> cache.put("k", version));
  }
}
