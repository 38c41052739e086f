package dev.perfkit.stress;

import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/**
 * What recording must not do: read a count and set it to 0. This test fails, which shows that the
 * harness finds such a loss; the command that runs it expects so.
 */
@JCStressTest
@Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "Both requests are in the slots.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A request between reading and resetting is lost.")
@State
public class NaiveResetting {

  private final AtomicLong count = new AtomicLong();
  private long slots;

  /** Records twice. */
  @Actor
  public void writer() {
    count.incrementAndGet();
    count.incrementAndGet();
  }

  /** Closes a slot. */
  @Actor
  public void ticker() {
    slots += count.get();
    count.set(0);
  }

  /** Closes the last slot and reads all. */
  @Arbiter
  public void read(J_Result result) {
    result.r1 = slots + count.get();
  }
}
