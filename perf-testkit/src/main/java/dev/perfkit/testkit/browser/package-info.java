/** A real browser, for tests of what only a browser can tell. */
@NullMarked
package dev.perfkit.testkit.browser;

import org.jspecify.annotations.NullMarked;
