package dev.perfkit.cache;

/** Why a value could not be read from its stored form, or brought into one. */
enum Reason {
  /** The Redis key holds another type than a string. */
  WRONG_TYPE,
  /** The first bytes are not those of an entry. */
  NOT_AN_ENTRY,
  /** An entry of a version this library does not know. */
  UNKNOWN_VERSION,
  /** Lengths or times that no writer produces. */
  MALFORMED,
  /** Written by another serializer. */
  OTHER_SERIALIZER,
  /** Names a transform that the cache does not have, or in another order. */
  OTHER_TRANSFORMS,
  /** Lacks a transform that must not be missing. */
  MISSING_TRANSFORM,
  /** A transform found it changed, or of another key. */
  DAMAGED,
  /** A transform lacks a key. */
  KEY_UNAVAILABLE,
  /** Over a limit of size. */
  TOO_LARGE,
  /** The serializer refused it. */
  NOT_SERIALIZABLE;

  /** Returns the word for statistics and metrics, such as {@code wrong-type}. */
  String word() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }
}
