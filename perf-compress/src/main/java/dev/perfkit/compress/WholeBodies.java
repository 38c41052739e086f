package dev.perfkit.compress;

import dev.perfkit.spi.TimeSource;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Encodes bodies that are at hand as a whole, or takes the encoded ones that are kept.
 *
 * @param makeEntityTags bodies over this size get no tag
 * @param lanes by decision
 * @param cpuMeter tells the CPU time of encoding
 * @param onFailure is told of an encoder that failed
 */
record WholeBodies(
    DecisionRules rules,
    long makeEntityTags,
    Function<Decision, Lane> lanes,
    @Nullable VariantStore variants,
    CpuBudget budget,
    TimeSource timeSource,
    CpuMeter cpuMeter,
    BiConsumer<Lane, Throwable> onFailure) {

  private static final byte[] NO_BODY = {};

  /** Returns what is sent, and the final decision about it. */
  EncodedBody encode(Decision decision, byte[] body) {
    return encoded(tagged(decision, body), body);
  }

  private Decision tagged(Decision decision, byte[] body) {
    Decision.PendingTag pending = decision.pendingTag();
    if (pending == null || body.length == 0 || body.length > makeEntityTags) {
      return decision;
    }
    ContentHash hash = ContentHash.of(body);
    Decision known = decision.source() == null ? decision : decision.withSource(hash);
    return rules.tagged(known, pending, hash.entityTag());
  }

  /** Returns GET's decision, as far as it is known without the body. */
  Decision of(Decision decision) {
    if (variants == null || !(decision.source() instanceof TaggedTarget) || !decision.encodes()) {
      return decision;
    }
    Variant kept = variants.peek(keyOf(decision, decision.source()));
    return kept == null || kept.bytes() == null
        ? decision
        : decision.atLevel(kept.level(), rules.tags()).withLength(kept.length());
  }

  private static VariantKey keyOf(Decision decision, VariantSource source) {
    DictionaryOffer offer = decision.offer();
    ContentHash dictionary = offer == null ? null : offer.dictionary().hash();
    return new VariantKey(source, decision.coding(), decision.level(), dictionary);
  }

  private EncodedBody encoded(Decision decision, byte[] body) {
    if (decision.dropsBody()) {
      return new EncodedBody(decision, NO_BODY);
    }
    if (!decision.encodes()) {
      return new EncodedBody(decision, body);
    }
    Lane lane = lanes.apply(decision);
    if (body.length < rules.minimumSize() && !decision.identityForbidden()) {
      return new EncodedBody(decision.fallBack(Reason.TOO_SMALL), body);
    }
    long start = timeSource.nanoTime();
    Variant variant;
    try {
      variant = variant(lane, decision, decision.treatment().minified(body));
    } catch (OverBudgetException notNow) {
      return new EncodedBody(decision.fallBack(Reason.CPU_BUDGET), body);
    } catch (RuntimeException | LinkageError failure) {
      onFailure.accept(lane, failure);
      return new EncodedBody(decision.fallBack(Reason.FAILED), body);
    }
    byte[] bytes = variant.bytes();
    if (bytes == null) {
      return new EncodedBody(decision.fallBack(Reason.NOT_SMALLER), body);
    }
    Decision encoded = decision.atLevel(variant.level(), rules.tags());
    // The length of a padded body is of this one alone, so HEAD cannot tell that of GET.
    boolean told = !(decision.isHead() && decision.treatment().padded());
    return new EncodedBody(
        (told ? encoded.withLength(bytes.length) : encoded)
            .withTiming(timeSource.nanoTime() - start),
        bytes);
  }

  /** Returns the encoded body that is kept, or a new one. */
  private Variant variant(Lane lane, Decision decision, byte[] body) {
    VariantSource source = decision.source();
    // Who forbids identity gets what others do not: an encoded body that is not smaller.
    if (variants == null
        || source == null
        || decision.identityForbidden()
        || decision.treatment().padded()
        || !variants.hasRoomFor(body)) {
      return encode(lane, decision, body);
    }
    // A minified body is another one than that whose hash is known.
    boolean known = source instanceof TaggedTarget || decision.treatment().minifier() == null;
    VariantSource of =
        source == VariantSource.Unhashed.INSTANCE || !known ? ContentHash.of(body) : source;
    return variants.get(keyOf(decision, of), lane, body, () -> encode(lane, decision, body));
  }

  private Variant encode(Lane lane, Decision decision, byte[] body) {
    int limit = decision.identityForbidden() ? Integer.MAX_VALUE : body.length - 1;
    long start = timeSource.nanoTime();
    if (!decision.identityForbidden() && !budget.admits(start)) {
      throw new OverBudgetException();
    }
    long cpuMark = cpuMeter.begin();
    byte @Nullable [] bytes =
        decision.treatment().padded()
            ? lane.encodePadded(body, decision.level(), limit)
            : lane.encode(body, decision.level(), limit);
    int sent = bytes == null ? body.length : bytes.length;
    long end = timeSource.nanoTime();
    lane.recordSuccess(body.length, sent, end - start);
    long spent = cpuMeter.spent(cpuMark, end - start);
    lane.recordCpu(spent);
    budget.spend(spent, end);
    return new Variant(bytes, decision.level());
  }

  /** A body is not encoded now, nor kept as one that does not get smaller. */
  private static final class OverBudgetException extends RuntimeException {

    private static final long serialVersionUID = 1;

    OverBudgetException() {
      super("CPU budget is used up", null, false, false);
    }
  }
}
