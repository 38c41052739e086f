package dev.perfkit.crypto;

import dev.perfkit.spi.EventSink;
import dev.perfkit.spi.TimeSource;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What one cipher computes with: random bytes, a provider, background work, and CRaC's calls. */
final class Machinery {

  private final BackgroundWork background;
  private final NonceSource nonces;
  private final Engine engine;
  private final Runnable reseed;
  private final @Nullable Object checkpointHook;

  Machinery(
      String name,
      CipherProvider provider,
      NonceMode mode,
      @Nullable Supplier<? extends RandomBytes> randoms,
      @Nullable ScheduledExecutorService scheduler,
      EventSink events,
      TimeSource time,
      Runnable reseed) {
    this.reseed = reseed;
    background = new BackgroundWork(name, scheduler);
    nonces =
        new NonceSource(
            mode, time, background::scheduler, randoms == null ? randoms(mode) : randoms);
    engine =
        new Engine(
            name, provider, CipherProvider.jdk(), nonces, background::scheduler, events, time);
    engine.start();
    checkpointHook = registerCheckpointHook();
  }

  Engine engine() {
    return engine;
  }

  NonceSource nonces() {
    return nonces;
  }

  /** Returns what CRaC calls, or null where it is not on the class path; kept from collection. */
  @Nullable Object checkpointHook() {
    return checkpointHook;
  }

  void close() {
    engine.close();
    background.close();
  }

  private static Supplier<? extends RandomBytes> randoms(NonceMode mode) {
    return mode == NonceMode.OS_PER_MESSAGE ? RandomBytes::unbuffered : RandomBytes::system;
  }

  private @Nullable Object registerCheckpointHook() {
    try {
      return CheckpointHook.register(nonces::pause, this::onRestore);
    } catch (LinkageError absent) {
      return null;
    }
  }

  private void onRestore() {
    try {
      reseed.run();
    } finally {
      // Even if that failed: each draw mixes in bytes of the system, or is refused.
      nonces.resume();
    }
  }
}
