package dev.perfkit.cache;

/**
 * What a caller wants to know, and how to find out.
 *
 * @param source tells what a failure may be
 * @param options what is different this time
 * @param async whether the caller does not wait on this thread, so that the load may take it
 */
record Question<K, V, X extends Exception>(
    K key,
    Fetcher<? super K, V, X> fetcher,
    Class<?> source,
    Visit<V> visit,
    Patience.Limits limits,
    CallOptions options,
    boolean async) {

  /** Returns the same question, to be asked once more. */
  Question<K, V, X> again(Visit<V> anew) {
    return new Question<>(key, fetcher, source, anew, limits, options, async);
  }
}
