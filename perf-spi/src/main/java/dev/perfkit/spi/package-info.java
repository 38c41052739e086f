/**
 * The contracts that perfkit modules share, and that a host implements or holds.
 *
 * <p>There is no registry and no static mutable state: every collaborator is passed in. Types that
 * call a host's code come with a guarded wrapper; types for which "nothing" makes sense come with a
 * no-op.
 */
@NullMarked
package dev.perfkit.spi;

import org.jspecify.annotations.NullMarked;
