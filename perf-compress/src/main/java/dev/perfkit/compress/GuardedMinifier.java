package dev.perfkit.compress;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A minifier whose failures leave the body as it is. */
record GuardedMinifier(Minifier delegate, Consumer<? super Throwable> onFailure)
    implements Minifier {

  @Override
  public String id() {
    return delegate.id();
  }

  @Override
  public boolean accepts(String contentType) {
    try {
      return delegate.accepts(contentType);
    } catch (RuntimeException | LinkageError failure) {
      onFailure.accept(failure);
      return false;
    }
  }

  @Override
  public byte @Nullable [] minify(byte[] body) {
    try {
      return delegate.minify(body);
    } catch (RuntimeException | LinkageError failure) {
      onFailure.accept(failure);
      return null;
    }
  }
}
