package dev.perfkit.cache;

/**
 * A key as the tier behind memory knows it. Of one cache, the text tells keys apart.
 *
 * @param text the key of the host as text
 * @param shard the Redis keys of its shard
 * @param value the Redis key of the entry
 * @param lease the Redis key of the lease to fill it
 * @param freshness the Redis key of its freshness tokens
 * @param context cache and key, for transforms
 */
@SuppressWarnings("ArrayRecordComponent") // never compared by its arrays
record RemoteKey(
    String text, ShardKeys shard, byte[] value, byte[] lease, byte[] freshness, byte[] context) {

  @Override
  public boolean equals(Object other) {
    return other instanceof RemoteKey that && text.equals(that.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /** Returns nothing of the key, which may be user data. */
  @Override
  public String toString() {
    return "RemoteKey";
  }
}
