package dev.perfkit.cache;

/**
 * A key as the tier behind memory knows it. Of one cache, the text tells keys apart. Its forms are
 * made when they are asked for, as a hit needs few of them.
 *
 * @param text the key of the host as text
 * @param bytes the text as UTF-8
 * @param shard the Redis keys of its shard
 * @param contextPrefix what the contexts of all keys of the cache begin with
 */
@SuppressWarnings("ArrayRecordComponent") // never compared by its arrays
record RemoteKey(String text, byte[] bytes, ShardKeys shard, byte[] contextPrefix) {

  /** Returns the Redis key of the entry. */
  byte[] value() {
    return Bytes.concat(shard.valuePrefix(), bytes);
  }

  /** Returns the Redis key of the lease to fill it. */
  byte[] lease() {
    return Bytes.concat(shard.leasePrefix(), bytes);
  }

  /** Returns the Redis key of its freshness tokens. */
  byte[] freshness() {
    return Bytes.concat(shard.freshnessPrefix(), bytes);
  }

  /** Returns cache and key, for transforms. */
  byte[] context() {
    return Bytes.concat(contextPrefix, bytes);
  }

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
