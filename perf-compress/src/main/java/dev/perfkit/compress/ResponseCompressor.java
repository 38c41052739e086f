package dev.perfkit.compress;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.ByteSize;
import dev.perfkit.spi.Component;
import dev.perfkit.spi.Event;
import dev.perfkit.spi.EventSink;
import dev.perfkit.spi.Health;
import dev.perfkit.spi.Knob;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.TimeSource;
import dev.perfkit.spi.support.Options;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Negotiates the content coding of HTTP responses and encodes their bodies, for any server.
 *
 * <pre>{@code
 * EncodedBody encoded = compressor.compress(request, response, body);
 * encoded.decision().changes().applyTo(headers::set, headers::remove);
 * send(encoded.decision().status(), encoded.bytes());
 * }</pre>
 *
 * <p>An encoded response does not keep a strong entity tag of the application: see {@link
 * EntityTagPolicy}. A GET or HEAD whose If-None-Match lists the tag of a form of the body that the
 * client still accepts becomes a 304 with that very tag, before anything is encoded. If-Range
 * compares strongly and as it came: a client that holds an encoded body gets the whole one.
 *
 * <p>Safe for use by any number of threads; starts none. As many encode at once as there are
 * contexts, two for each processor, and others wait for one. After {@link #close} calls still work,
 * only slower, so that responses under way end well.
 */
@Beta
public final class ResponseCompressor implements Component {

  /** The name of a compressor that was given none: {@value}. */
  public static final String DEFAULT_NAME = "http";

  /** Bodies under this size are not encoded unless another size is given: 1 KiB. */
  public static final ByteSize DEFAULT_MINIMUM_SIZE = ByteSize.ofKibibytes(1);

  /**
   * So many bodies may be encoded as they come at once unless another number is given: {@value}.
   */
  public static final int DEFAULT_MAXIMUM_STREAMS = 256;

  /**
   * A share of all processors that few services miss, for {@link
   * ResponseCompressorBuilder#cpuBudget}: {@value}.
   */
  public static final double MODEST_CPU_BUDGET = 0.02;

  private static final Logger log = LoggerFactory.getLogger(ResponseCompressor.class);
  private static final byte[] NO_BODY = {};

  private final String name;
  private final Lanes lanes;
  private final List<Knob> knobs;
  private final DecisionRules rules;
  private final DictionaryLanes dictionaries;
  private final boolean sizedLevels;
  private final Routes routes;
  private final CpuBudget budget;
  private final DecisionCounters counters;
  private final EventSink events;
  private final TimeSource timeSource;
  private final Streams streams;
  private final boolean trustsEntityTags;
  private final @Nullable VariantStore variants;
  private final WholeBodies bodies;
  private volatile boolean closed;

  ResponseCompressor(ResponseCompressorBuilder builder) {
    this.name = builder.name;
    this.timeSource = builder.timeSource;
    this.events = EventSink.guarded(builder.events, onFirstFailure("event sink"));
    Telemetry telemetry = Telemetry.guarded(builder.telemetry, onFirstFailure("telemetry"));
    this.lanes = new Lanes(builder, telemetry, this::tell);
    CpuMeter cpuMeter = new CpuMeter(timeSource);
    int processors = Runtime.getRuntime().availableProcessors();
    this.budget =
        new CpuBudget(name, builder.cpuBudget, processors, timeSource, telemetry, this::onRung);
    List<Coding> offered = lanes.offered();
    TagRules tags =
        new TagRules(
            builder.entityTagPolicy,
            offered,
            coding -> lane(coding).level(),
            lanes.fingerprints(builder)::get);
    this.dictionaries = builder.dictionaryLanes(tags, telemetry);
    this.knobs = allKnobs();
    this.sizedLevels = builder.entityTagPolicy == EntityTagPolicy.WEAK;
    this.rules =
        new DecisionRules(
            offered,
            builder.minimumSize.toBytes(),
            builder.additionalTypes,
            builder.unacceptable,
            tags,
            builder.makeEntityTags > 0,
            dictionaries.rules(builder.assumeTls));
    this.counters = new DecisionCounters(name, offered, dictionaries.codings(), telemetry);
    this.routes =
        Routes.of(
            builder.routes,
            new RouteRules(
                RoutePolicy.on(),
                offered,
                this::level,
                builder.minifiers.stream().map(this::guarded).toList(),
                builder.serverTiming));
    this.streams =
        new Streams(name, builder.maximumStreams, timeSource, cpuMeter, budget, telemetry);
    Variants kept = builder.variants;
    this.trustsEntityTags = kept != null && kept.trustsEntityTags();
    this.variants = kept == null ? null : store(kept, builder.executor, telemetry);
    this.bodies =
        new WholeBodies(
            rules,
            builder.makeEntityTags,
            this::lane,
            variants,
            budget,
            timeSource,
            cpuMeter,
            lanes::failed);
  }

  private Minifier guarded(Minifier minifier) {
    return new GuardedMinifier(minifier, onFirstFailure("minifier " + minifier.id()));
  }

  /** A strong tag names the level, and must be the same where HEAD does not know the length. */
  private int level(Coding coding, @Nullable Integer given, String type, long length) {
    long counted = sizedLevels ? length : ResponseHead.UNKNOWN_LENGTH;
    int wanted =
        given == null
            ? lane(coding).level(type, counted)
            : Frontier.bounded(coding, given, counted);
    return budget.level(wanted, coding.minLevel());
  }

  private void onRung(int rung) {
    if (rung == CpuBudget.LOWEST_RUNG) {
      tell(
          "cpu-budget-tight", "the budget of CPU time allows the fastest levels only, or identity");
    } else if (rung == 0) {
      tell("cpu-budget-eased", "the budget of CPU time allows the wanted levels again");
    }
  }

  private List<Knob> allKnobs() {
    List<Knob> all = new ArrayList<>(dictionaries.knobs());
    all.addAll(lanes.knobsAnd(budget.knob()));
    return List.copyOf(all);
  }

  private VariantStore store(Variants options, @Nullable Executor executor, Telemetry telemetry) {
    Consumer<Throwable> onFailure = onFirstFailure("recompression in the background");
    return new VariantStore(
        name, options, new Recompression(name, executor, telemetry, onFailure), telemetry);
  }

  private void tell(String type, String message) {
    events.accept(
        Event.of(
            kind() + "/" + name,
            type,
            Event.Severity.WARNING,
            timeSource.currentTimeMillis(),
            message));
  }

  private Consumer<Throwable> onFirstFailure(String what) {
    AtomicBoolean logged = new AtomicBoolean();
    return failure -> {
      if (logged.compareAndSet(false, true)) {
        log.warn("compressor '{}': the {} fails; this is said once", name, what, failure);
      }
    };
  }

  /** Returns a compressor with the defaults, named {@value #DEFAULT_NAME}. */
  public static ResponseCompressor create() {
    return named(DEFAULT_NAME).build();
  }

  /**
   * Returns a builder.
   *
   * @param name what it is called in metrics, health and logs
   * @throws IllegalArgumentException if the name is blank
   */
  public static ResponseCompressorBuilder named(String name) {
    return new ResponseCompressorBuilder(Options.notBlank("name", name));
  }

  /**
   * Decides in which coding a response is sent, and what changes in its head. Depends on the two
   * heads and the configuration alone, and takes whatever a client or an application wrote there.
   *
   * <p>Whoever follows an encoding decision with {@link #encode} uses the decision that gives.
   */
  public Decision decide(RequestHead request, ResponseHead response) {
    Decision decision = rules.decide(request, response, routes.of(request));
    if (!decision.needsBody()) {
      counters.count(decision);
      return decision;
    }
    return variants == null
        ? decision
        : decision.withSource(TaggedTarget.of(request, response, trustsEntityTags));
  }

  /**
   * Encodes a whole body as decided, or leaves it as it is if that does not make it smaller, unless
   * the client forbids identity. For a HEAD request, whose body is empty, only the decision counts.
   *
   * @return the final decision, with the exact Content-Length if the body is encoded, and the body
   * @throws CompressException if the application declared a Content-Length that the body does not
   *     have; nothing may be sent then
   * @throws IllegalArgumentException if the decision names a coding that is not on offer here
   */
  public EncodedBody encode(Decision decision, byte[] body) {
    Objects.requireNonNull(body, "body");
    if (decision.dropsBody()) {
      return new EncodedBody(decision, NO_BODY);
    }
    boolean bodiless = decision.isHead() && body.length == 0;
    if (!bodiless) {
      requireDeclaredLength(decision, body.length);
    }
    if (!decision.needsBody()) {
      return new EncodedBody(decision, body);
    }
    EncodedBody encoded =
        bodiless ? new EncodedBody(bodies.of(decision), body) : bodies.encode(decision, body);
    counters.count(encoded.decision());
    return encoded;
  }

  /**
   * Returns the decision to send a body as it is after all, for a server that does not have the
   * whole body at hand. A decision that needs no body is returned as it is.
   */
  public Decision decline(Decision decision) {
    if (!decision.needsBody()) {
      return decision;
    }
    Decision declined = decision.encodes() ? decision.fallBack(Reason.NOT_WHOLE) : decision;
    counters.count(declined);
    return declined;
  }

  /**
   * Decides and encodes a whole body.
   *
   * @param body the identity body; empty for a HEAD request of which only the head is known
   * @return the final decision and the body to send
   * @throws CompressException if the application declared a Content-Length that the body does not
   *     have; nothing may be sent then
   */
  public EncodedBody compress(RequestHead request, ResponseHead response, byte[] body) {
    Objects.requireNonNull(body, "body");
    boolean bodiless = request.isHead() && body.length == 0;
    return encode(
        decide(request, bodiless ? response : response.withBodyLength(body.length)), body);
  }

  /**
   * Returns the coding a client likes best of those on offer, such as for files that are kept
   * encoded. Takes whatever a client wrote.
   *
   * @param acceptEncoding all field lines of {@code Accept-Encoding}; null or empty if absent
   * @return {@link Coding#IDENTITY} if it wants that or none of ours; null if it accepts nothing on
   *     offer, not even identity
   */
  public @Nullable Coding negotiate(@Nullable Collection<String> acceptEncoding) {
    return rules.foreign()
        ? Accepted.of(acceptEncoding, true, null).choose(rules.offered())
        : AcceptEncoding.choose(AcceptEncoding.parse(acceptEncoding), rules.offered());
  }

  /**
   * Returns the entity tags of If-Match or If-None-Match, and after each that this compressor gave
   * to an encoded body the one of its identity body. An application compares its own tag with all
   * of them, before it changes anything. If-Range must be compared as it came.
   *
   * @param field all field lines; null or empty if absent
   * @return the tags, or {@code *}; what is no tag is left out
   */
  public List<String> identityTags(@Nullable Collection<String> field) {
    return rules.tags().identityTags(field);
  }

  /**
   * Returns whether the application must not see {@code Range} and {@code If-Range} of a request: a
   * range is one of the identity body, which this client forbids. The adapters hide them.
   */
  public boolean ignoresRange(RequestHead request) {
    return DecisionRules.isForRange(request) && rules.forbidsIdentity(request);
  }

  /** Returns the codings on offer, the best first; unmodifiable. */
  public List<Coding> offered() {
    return rules.offered();
  }

  /**
   * Starts a body that is encoded while it is written, such as a stream of events or one too large
   * to be held. Its length is not known before, so neither the minimum size nor the benefit counts.
   * Beyond the {@linkplain ResponseCompressorBuilder#maximumStreams limit} bodies go out as they
   * are written.
   *
   * @param decision what {@link #decide} returned
   * @return the final decision, and where to write
   * @throws IllegalArgumentException if the decision is of another compressor
   */
  public EncodedStream stream(Decision decision) {
    if (!decision.encodes()) {
      return new EncodedStream(decline(decision), null);
    }
    Lane lane = lane(decision);
    if (decision.isHead()) {
      counters.count(decision);
      return new EncodedStream(decision.forStream(), null);
    }
    if (!decision.identityForbidden() && !budget.admits(timeSource.nanoTime())) {
      return asWritten(decision, Reason.CPU_BUDGET);
    }
    try {
      EncodedStream.Context context =
          streams.start(lane, decision.level(), failure -> lanes.failed(lane, failure));
      if (context == null) {
        return asWritten(decision, Reason.TOO_MANY_STREAMS);
      }
      counters.count(decision);
      return new EncodedStream(decision.forStream(), context);
    } catch (RuntimeException | LinkageError failure) {
      lanes.failed(lane, failure);
      return asWritten(decision, Reason.FAILED);
    }
  }

  private EncodedStream asWritten(Decision decision, Reason why) {
    Decision instead = decision.fallBack(why);
    counters.count(instead);
    return new EncodedStream(instead, null);
  }

  /**
   * Returns whether a body is to be sent as it comes because of its content type: to wait for its
   * end would keep events back.
   *
   * @param contentType a value of {@code Content-Type}, or null
   */
  public static boolean isStreamed(@Nullable String contentType) {
    return contentType != null && ContentTypes.isStreamed(Fields.nameOf(contentType));
  }

  private Lane lane(Decision decision) {
    Lane lane = dictionaries.lane(decision);
    return lane == null ? lane(decision.coding()) : lane;
  }

  private Lane lane(Coding coding) {
    Lane withDictionary = dictionaries.any(coding);
    return withDictionary == null ? lanes.of(coding) : withDictionary;
  }

  private void requireDeclaredLength(Decision decision, int length) {
    long declared = decision.declaredLength();
    if (declared != Decision.UNDECLARED && declared != length) {
      throw new CompressException(
          "compressor '"
              + name
              + "': Content-Length must be the body's length of "
              + length
              + " bytes but the application declared "
              + declared
              + ": correct it or leave it out",
          null);
    }
  }

  @Override
  public String kind() {
    return "compress";
  }

  @Override
  public String name() {
    return name;
  }

  /**
   * Returns UP; DEGRADED if a coding's library does not work, was asked for and is absent, or the
   * coding failed at its last body; DOWN once closed. A coding that is not on offer is a detail.
   */
  @Override
  public Health health() {
    if (closed) {
      return Health.of(Health.Status.DOWN, "closed");
    }
    return lanes.health(dictionaries.lanes());
  }

  /**
   * Returns the level of each coding on offer, such as {@code zstd-level}, and {@code cpu-budget}.
   * A level that is set is that of all bodies for which no route has one.
   */
  @Override
  public List<Knob> knobs() {
    return knobs;
  }

  /** Frees the native memory that is not in use. */
  @Override
  public void close() {
    closed = true;
    if (variants != null) {
      variants.close();
    }
    budget.close();
    streams.close();
    lanes.close();
    dictionaries.close();
  }

  @Override
  public String toString() {
    return "ResponseCompressor[" + name + ", " + offered() + "]";
  }

  /** Returns how many native contexts exist. */
  int openContexts() {
    int ofDictionaries = dictionaries.lanes().stream().mapToInt(Lane::openContexts).sum();
    return lanes.openContexts() + ofDictionaries + streams.open();
  }
}
