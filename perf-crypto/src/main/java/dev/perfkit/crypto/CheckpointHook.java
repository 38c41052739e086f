package dev.perfkit.crypto;

import org.crac.Context;
import org.crac.Core;
import org.crac.Resource;

/**
 * Pauses encryption before the process is checkpointed and reseeds after it was restored. Linked
 * only where {@code org.crac} is on the class path.
 */
final class CheckpointHook implements Resource {

  private final Runnable before;
  private final Runnable after;

  private CheckpointHook(Runnable before, Runnable after) {
    this.before = before;
    this.after = after;
  }

  /** Registers the two with the JVM, which holds on to the result weakly. */
  static CheckpointHook register(Runnable before, Runnable after) {
    CheckpointHook hook = new CheckpointHook(before, after);
    Core.getGlobalContext().register(hook);
    return hook;
  }

  @Override
  public void beforeCheckpoint(Context<? extends Resource> context) {
    before.run();
  }

  @Override
  public void afterRestore(Context<? extends Resource> context) {
    after.run();
  }
}
