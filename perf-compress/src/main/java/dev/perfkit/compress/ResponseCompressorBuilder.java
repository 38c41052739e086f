package dev.perfkit.compress;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.ByteSize;
import dev.perfkit.spi.EventSink;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.TimeSource;
import dev.perfkit.spi.support.Options;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Options of a {@link ResponseCompressor}. For one thread. */
@Beta
public final class ResponseCompressorBuilder {

  private static final Pattern TYPE = Pattern.compile("[\\w!#$&^.+-]{1,127}/[\\w!#$&^.+-]{1,127}");

  final String name;
  List<Coding> preferred = List.of(Coding.ZSTD, Coding.BROTLI, Coding.GZIP);
  boolean asked;
  ByteSize minimumSize = ResponseCompressor.DEFAULT_MINIMUM_SIZE;
  final Map<Coding, Integer> levels = new HashMap<>();
  int maximumStreams = ResponseCompressor.DEFAULT_MAXIMUM_STREAMS;
  EntityTagPolicy entityTagPolicy = EntityTagPolicy.WEAK;
  long makeEntityTags;
  Unacceptable unacceptable = Unacceptable.IDENTITY;
  Set<String> additionalTypes = Set.of();
  List<Dictionary> dictionaries = List.of();
  boolean assumeTls;
  @Nullable Variants variants;
  @Nullable Executor executor;
  final List<Routes.Definition> routes = new ArrayList<>();
  final List<Minifier> minifiers = new ArrayList<>();
  double cpuBudget = CpuBudget.UNLIMITED;
  boolean serverTiming;
  Telemetry telemetry = Telemetry.none();
  EventSink events = EventSink.none();
  TimeSource timeSource = TimeSource.system();
  private final Map<Coding, Codec> registered = new HashMap<>();
  private Function<Coding, Codecs.Availability> codecs = Codecs::of;

  ResponseCompressorBuilder(String name) {
    this.name = name;
  }

  /**
   * Offers these codings, the best first; it settles what a client likes equally. Default: zstd,
   * br, gzip, as far as they work here. A coding that was asked for here and cannot be offered is
   * said in the log, in {@link ResponseCompressor#health} and as an event.
   *
   * @throws IllegalArgumentException if there is none, one twice, or identity
   */
  public ResponseCompressorBuilder prefer(Coding... codings) {
    List<Coding> list = List.of(codings);
    Options.require(
        !list.isEmpty()
            && !list.contains(Coding.IDENTITY)
            && list.stream().noneMatch(Coding::needsDictionary)
            && Set.copyOf(list).size() == list.size(),
        "prefer",
        "be one or more different codings without identity or a dictionary",
        list);
    preferred = list;
    asked = true;
    return this;
  }

  /**
   * Bodies under this size stay identity. Default: {@link ResponseCompressor#DEFAULT_MINIMUM_SIZE}.
   */
  public ResponseCompressorBuilder minimumSize(ByteSize size) {
    minimumSize = Objects.requireNonNull(size, "minimumSize");
    return this;
  }

  /**
   * The level of a coding for all bodies, from fast to small: gzip and deflate 1 to 9, zstd 1 to
   * 19, br 0 to 11. At br 8 to 10 even a body of 1 KiB takes more than a millisecond, so bodies
   * under 1 MiB get level 7 instead. Default: by type and size, zstd 3 or 1, br 5 or 4, gzip and
   * deflate 6, 5 or 3.
   *
   * @throws IllegalArgumentException if it is out of range, or the coding is identity
   */
  public ResponseCompressorBuilder level(Coding coding, int level) {
    Options.require(
        !coding.equals(Coding.IDENTITY), "level", "be of a coding but identity", coding);
    levels.put(
        coding,
        Options.between(coding.token() + " level", coding.minLevel(), coding.maxLevel(), level));
    return this;
  }

  /**
   * How the responses of a route are compressed. The first route that matches counts. A pattern is
   * a path, or a path with {@code /*} at its end for all beneath it as well; it is compared with
   * the decoded path of {@link RequestHead#target}, parameters, empty and dot segments removed. A
   * request without a target matches the patterns of secret routes.
   *
   * @throws IllegalArgumentException if the pattern is of another form
   */
  public ResponseCompressorBuilder route(String pattern, RoutePolicy policy) {
    RoutePattern path = RoutePattern.of(pattern);
    Objects.requireNonNull(policy, "policy");
    routes.add(new Routes.Definition(path, request -> false, policy));
    return this;
  }

  /**
   * How the responses of a route are compressed. The first route that matches counts.
   *
   * @param matches must be fast, and neither block nor throw
   */
  public ResponseCompressorBuilder route(Predicate<RequestHead> matches, RoutePolicy policy) {
    Objects.requireNonNull(matches, "matches");
    Objects.requireNonNull(policy, "policy");
    routes.add(new Routes.Definition(null, matches, policy));
    return this;
  }

  /**
   * The most CPU time that encoding may take, as a share of all processors: beyond it levels step
   * down to the fastest, then bodies go out as identity, until there is time again. A client that
   * forbids identity is always served. Default: 1, no limit. See {@link
   * ResponseCompressor#MODEST_CPU_BUDGET}.
   *
   * @throws IllegalArgumentException if it is not 0.001 to 1
   */
  public ResponseCompressorBuilder cpuBudget(double share) {
    cpuBudget = Options.between("cpuBudget", CpuBudget.SMALLEST, CpuBudget.UNLIMITED, share);
    return this;
  }

  /**
   * Minifies whole bodies before they are encoded; the first that accepts a type. Default: none.
   */
  public ResponseCompressorBuilder minify(Minifier... minifiers) {
    this.minifiers.addAll(List.of(minifiers));
    return this;
  }

  /**
   * Tells in {@code Server-Timing} what encoding a whole body took, but for padded ones. Whoever
   * reads it learns how busy the server is. Default: not told.
   */
  public ResponseCompressorBuilder serverTiming() {
    serverTiming = true;
    return this;
  }

  /**
   * How many bodies may be encoded as they come at once; more go out as they are written. Each
   * holds about 0.3 to 1.5 MiB of native memory. Default: {@value
   * ResponseCompressor#DEFAULT_MAXIMUM_STREAMS}.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public ResponseCompressorBuilder maximumStreams(int maximum) {
    maximumStreams = Options.atLeast("maximumStreams", 0, maximum);
    return this;
  }

  /** What becomes of a strong entity tag when a body is encoded. Default: weak. */
  public ResponseCompressorBuilder entityTagPolicy(EntityTagPolicy policy) {
    entityTagPolicy = Objects.requireNonNull(policy, "entityTagPolicy");
    return this;
  }

  /**
   * Makes entity tags of the whole bodies of GET responses that have none: a hash of the identity
   * bytes, so the same on every node. Not of event streams, nor where {@code no-store} is said.
   * Default: none.
   *
   * @param upTo bodies over this size get none, which bounds what hashing costs
   */
  public ResponseCompressorBuilder makeEntityTags(ByteSize upTo) {
    makeEntityTags = upTo.toBytes();
    return this;
  }

  /**
   * What a client gets that accepts nothing on offer and forbids identity. Default: {@link
   * Unacceptable#IDENTITY}.
   */
  public ResponseCompressorBuilder unacceptable(Unacceptable policy) {
    unacceptable = Objects.requireNonNull(policy, "unacceptable");
    return this;
  }

  /**
   * Content types that shrink, beside the built-in table; such as {@code application/x-ours}.
   *
   * @throws IllegalArgumentException if one is not of the form {@code type/subtype}
   */
  public ResponseCompressorBuilder additionalTypes(String... types) {
    for (String type : types) {
      Options.require(
          TYPE.matcher(type).matches(), "additionalTypes", "be of the form type/subtype", type);
    }
    additionalTypes = Stream.of(types).map(Fields::nameOf).collect(Collectors.toUnmodifiableSet());
    return this;
  }

  /**
   * Encodes bodies with these dictionaries for clients that have them (RFC 9842), as {@code dcz} or
   * {@code dcb}: by exact hash, for the targets each is for, over TLS or on this machine, and not
   * for scripts of other origins that may not read the response. {@code Available-Dictionary} is in
   * {@code Vary} of every response to such a target. Needs the {@linkplain RequestHead#target
   * target URI}. Default: none.
   *
   * @throws IllegalArgumentException if there are more than 64, or two of the same bytes
   */
  public ResponseCompressorBuilder dictionaries(Dictionary... dictionaries) {
    List<Dictionary> list = List.of(dictionaries);
    Options.between("dictionaries", 0, DictionaryLanes.MOST_DICTIONARIES, list.size());
    Options.require(
        list.stream().map(Dictionary::hash).distinct().count() == list.size(),
        "dictionaries",
        "be of different bytes",
        list);
    this.dictionaries = list;
    return this;
  }

  /**
   * Takes every target for one of {@code https}: for a server that can only be reached through a
   * proxy which ends TLS. Default: targets are what they say.
   */
  public ResponseCompressorBuilder assumeTls() {
    this.assumeTls = true;
    return this;
  }

  /** Keeps encoded bodies for the next response with the same content. Default: keeps none. */
  public ResponseCompressorBuilder variants(Variants variants) {
    this.variants = Objects.requireNonNull(variants, "variants");
    return this;
  }

  /**
   * What encodes bodies anew in the background, if {@link #variants} are kept; at most 32 wait for
   * it. It remains the caller's. Default: a thread of lowest priority, started when it is needed.
   */
  public ResponseCompressorBuilder executor(Executor executor) {
    this.executor = Objects.requireNonNull(executor, "executor");
    return this;
  }

  /** Where measurements go. Default: nowhere. */
  public ResponseCompressorBuilder telemetry(Telemetry telemetry) {
    this.telemetry = Objects.requireNonNull(telemetry, "telemetry");
    return this;
  }

  /** Who is told when a coding cannot be offered or fails. Default: nobody. */
  public ResponseCompressorBuilder events(EventSink events) {
    this.events = Objects.requireNonNull(events, "events");
    return this;
  }

  /** The clocks for durations and events. Default: those of the JVM. */
  public ResponseCompressorBuilder timeSource(TimeSource timeSource) {
    this.timeSource = Objects.requireNonNull(timeSource, "timeSource");
    return this;
  }

  /**
   * Registers a codec that is not built in. Its coding is on offer once {@link #prefer} names it.
   *
   * @throws IllegalArgumentException if one was registered for that coding before
   */
  public ResponseCompressorBuilder codec(ContentCodec codec) {
    Coding coding = codec.coding();
    Options.require(!registered.containsKey(coding), "codec", "be one for each coding", coding);
    registered.put(coding, new RegisteredCodec(codec));
    return this;
  }

  /** Replaces the codecs, for tests. */
  ResponseCompressorBuilder codecs(Function<Coding, Codecs.Availability> codecs) {
    this.codecs = codecs;
    return this;
  }

  /**
   * Returns a running compressor. A coding that does not work here is left out.
   *
   * @throws CompressException if variants are to be kept and Caffeine is absent
   */
  public ResponseCompressor build() {
    if (variants != null) {
      Codecs.CAFFEINE.require("variants cannot be kept");
    }
    return new ResponseCompressor(this);
  }

  Codecs.Availability codecOf(Coding coding) {
    Codec codec = registered.get(coding);
    return codec == null ? codecs.apply(coding) : Codecs.Availability.of(codec);
  }

  /** Returns the codec that a coding with dictionaries is made of. */
  Codecs.Availability codecForDictionaries(Coding coding) {
    return codecOf(coding.equals(Coding.DICTIONARY_ZSTD) ? Coding.ZSTD : Coding.BROTLI);
  }

  DictionaryLanes dictionaryLanes(TagRules tags, Telemetry telemetry) {
    List<Coding> working =
        dictionaries.isEmpty()
            ? List.of()
            : Coding.withDictionary().stream()
                .filter(coding -> codecForDictionaries(coding).codec() != null)
                .toList();
    List<String> beside = minifiers.stream().map(Minifier::id).toList();
    return new DictionaryLanes(name, dictionaries, working, levels, tags, beside, telemetry);
  }
}
