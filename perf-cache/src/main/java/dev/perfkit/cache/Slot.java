package dev.perfkit.cache;

/**
 * What the memory tier holds for a key: a value, or the marker of an operation that may install
 * one. Compared by identity.
 */
abstract sealed class Slot<V> permits Entry, Flight {}
