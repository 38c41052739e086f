/** Minification of HTML; needs {@code org.jsoup:jsoup}. */
@NullMarked
package dev.perfkit.compress.html;

import org.jspecify.annotations.NullMarked;
