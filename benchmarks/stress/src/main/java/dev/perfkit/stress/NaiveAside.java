package dev.perfkit.stress;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * What a cache must not do: load, and put whatever happened meanwhile. This test fails, which shows
 * that the harness finds such a put; the command that runs it expects so.
 */
@JCStressTest
@Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "The value is the new one.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A removed value is back.")
@State
public class NaiveAside {

  private final ConcurrentMap<String, Integer> map = new ConcurrentHashMap<>();
  private volatile int truth = 1;

  /** Loads, and puts. */
  @Actor
  public void reader() {
    if (!map.containsKey("key")) {
      map.put("key", truth);
    }
  }

  /** Changes the source, and removes the key. */
  @Actor
  public void writer() {
    truth = 2;
    map.remove("key");
  }

  /** Reads what was kept. */
  @Arbiter
  public void read(I_Result result) {
    result.r1 = map.getOrDefault("key", truth);
  }
}
