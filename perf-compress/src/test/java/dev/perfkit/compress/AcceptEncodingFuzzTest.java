package dev.perfkit.compress;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.ArrayList;
import java.util.List;

/**
 * Proves that no header a client can send makes a decision fail, and that what is chosen was on
 * offer. Runs its seeds in every build; searches when {@code JAZZER_FUZZ=1}.
 */
class AcceptEncodingFuzzTest {

  private static final List<Coding> BOTH = List.of(Coding.ZSTD, Coding.GZIP);
  private static final DecisionRules RULES =
      new DecisionRules(
          BOTH,
          1024,
          java.util.Set.of(),
          Unacceptable.STATUS_406,
          Bodies.weakTags(Coding.ZSTD, Coding.GZIP),
          false,
          DictionaryRules.NONE);

  @FuzzTest
  void decide_anyHeaders_neverFails(FuzzedDataProvider data) {
    List<String> accepted = new ArrayList<>();
    int lines = data.consumeInt(0, 4);
    for (int i = 0; i < lines; i++) {
      accepted.add(data.consumeString(200));
    }
    String tag = data.consumeString(40);
    String held = data.consumeString(80);
    String other = data.consumeRemainingAsString();
    long weights = AcceptEncoding.parse(accepted);
    Coding chosen = AcceptEncoding.choose(weights, BOTH);
    boolean forbidden = AcceptEncoding.forbidsIdentity(weights);
    if (chosen == null && !forbidden) {
      throw new AssertionError("refused although identity is accepted");
    }
    for (int status : new int[] {200, 206, 304}) {
      Decision decision =
          RULES.decide(
              new RequestHead(
                  "GET",
                  name ->
                      name.equals("Accept-Encoding")
                          ? accepted
                          : name.equals("If-None-Match") ? List.of(held) : List.of(other)),
              ResponseHead.of(
                  status,
                  name ->
                      switch (name) {
                        case "Content-Type" -> List.of("text/plain");
                        case "ETag" -> List.of(tag);
                        case "Vary" -> List.of(other);
                        case "Content-Length" -> List.of(held);
                        default -> null;
                      }));
      if (decision.encodes() && !decision.coding().equals(chosen)) {
        throw new AssertionError("encoded as " + decision.coding() + " but chose " + chosen);
      }
    }
  }
}
