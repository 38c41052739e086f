/** What field encryption costs, compared with Tink and with a bare JCE cipher. */
@NullMarked
package dev.perfkit.benchmarks.crypto;

import org.jspecify.annotations.NullMarked;
