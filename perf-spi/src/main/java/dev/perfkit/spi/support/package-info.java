/**
 * What the implementations of perfkit modules share. Not for users: it may change in any release.
 */
@NullMarked
package dev.perfkit.spi.support;

import org.jspecify.annotations.NullMarked;
