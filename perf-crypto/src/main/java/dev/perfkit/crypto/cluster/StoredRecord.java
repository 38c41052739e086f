package dev.perfkit.crypto.cluster;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import java.util.Objects;

/** A record of a {@link Coordination} as it was read. Immutable. */
@Beta
public final class StoredRecord {

  private final long version;
  private final byte[] value;

  private StoredRecord(long version, byte[] value) {
    this.version = version;
    this.value = value;
  }

  /**
   * Returns a record with a copy of the value.
   *
   * @throws IllegalArgumentException if the version is under 1
   */
  public static StoredRecord of(long version, byte[] value) {
    Options.atLeast("version", 1, version);
    return new StoredRecord(version, Objects.requireNonNull(value, "value").clone());
  }

  /** Returns how often it was written, 1 or more. */
  public long version() {
    return version;
  }

  /** Returns a copy of its bytes. */
  public byte[] value() {
    return value.clone();
  }

  /** Returns version and size, never content. */
  @Override
  public String toString() {
    return "StoredRecord[version=" + version + ", bytes=" + value.length + "]";
  }
}
