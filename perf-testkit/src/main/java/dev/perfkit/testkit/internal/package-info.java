/**
 * How the real-server fixtures keep house: their folder, their processes, their packed binaries.
 * Not for users: it may change in any release.
 */
@NullMarked
package dev.perfkit.testkit.internal;

import org.jspecify.annotations.NullMarked;
