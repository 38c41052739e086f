package dev.perfkit.compress;

/** What variants are of: two of the same source are of the same identity bytes. */
sealed interface VariantSource permits ContentHash, TaggedTarget, VariantSource.Unhashed {

  /** The content is not hashed yet: it will be, if the body is encoded. */
  enum Unhashed implements VariantSource {
    INSTANCE
  }
}
