package dev.perfkit.spi;

import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Runs a host's code so that its failures end at a callback instead of at the caller. */
final class Guard {

  private final Consumer<? super Throwable> onFailure;

  Guard(Consumer<? super Throwable> onFailure) {
    this.onFailure = Objects.requireNonNull(onFailure, "onFailure");
  }

  /** Returns what the host's code returns, or the fallback if it fails or returns null. */
  <T> T call(Supplier<T> code, T fallback) {
    try {
      T result = code.get();
      if (result != null) {
        return result;
      }
      failed(new NullPointerException("a host's implementation returned null"));
    } catch (Throwable failure) {
      failed(failure);
    }
    return fallback;
  }

  /** Reports a failure; errors of the virtual machine itself are not hidden. */
  void failed(Throwable failure) {
    if (failure instanceof VirtualMachineError error) {
      throw error;
    }
    try {
      onFailure.accept(failure);
    } catch (Throwable dropped) {
      // The callback is the last resort; there is nobody left to tell.
      if (dropped instanceof VirtualMachineError error) {
        throw error;
      }
    }
  }
}
