package dev.perfkit.compress;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.ByteSize;
import dev.perfkit.spi.support.Options;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the bodies of requests ({@code Content-Encoding}) within limits, so that a small request
 * cannot take much memory or time.
 *
 * <pre>{@code
 * try (InputStream body = decoder.decode(headers.get("Content-Encoding"), request)) {
 *   handle(body);
 * } catch (RequestRefusedException refused) {
 *   answer(refused.status()); // with 415 also: Accept-Encoding: decoder.acceptEncoding()
 * }
 * }</pre>
 *
 * <p>A host hides {@code Content-Encoding}, {@code Content-Length} and digests from whoever reads
 * the decoded body: they are of the encoded one.
 *
 * <p>Safe for use by any number of threads; starts none.
 */
@Beta
public final class RequestDecoder {

  /** The most bytes of a decoded body unless another size is given: 10 MiB. */
  public static final ByteSize DEFAULT_MAXIMUM_SIZE = ByteSize.ofMebibytes(10);

  /** The most decoded bytes for each encoded one unless another ratio is given: {@value}. */
  public static final int DEFAULT_MAXIMUM_RATIO = 100;

  /** The most memory of all decoders at once unless another size is given: 256 MiB. */
  public static final ByteSize DEFAULT_MAXIMUM_MEMORY = ByteSize.ofMebibytes(256);

  /** The ratio does not count before so many decoded bytes: 64 KiB. */
  static final int RATIO_GRACE = 64 * 1024;

  private final long maximumSize;
  private final int maximumRatio;
  private final int maximumLayers;
  private final DecoderMemory memory;
  private final Map<Coding, BodyDecoder> decoders = new LinkedHashMap<>();

  private RequestDecoder(Builder builder) {
    this.maximumSize = builder.maximumSize.toBytes();
    this.maximumRatio = builder.maximumRatio;
    this.maximumLayers = builder.maximumLayers;
    this.memory = new DecoderMemory(builder.maximumMemory.toBytes());
    for (Coding coding : List.of(Coding.ZSTD, Coding.BROTLI, Coding.GZIP, Coding.DEFLATE)) {
      if (Codecs.of(coding).codec() != null) {
        decoders.put(coding, BuiltInDecoder.of(coding));
      }
    }
    decoders.putAll(builder.registered);
  }

  /** Returns a decoder with the default limits. */
  public static RequestDecoder create() {
    return builder().build();
  }

  /** Returns a builder. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns the codings that are decoded, for the {@code Accept-Encoding} field of a 415, such as
   * {@code zstd, br, gzip, deflate}.
   */
  public String acceptEncoding() {
    return decoders.keySet().stream().map(Coding::token).collect(Collectors.joining(", "));
  }

  /**
   * Returns the decoded body. Reading it throws {@link RequestRefusedException} as soon as a limit
   * is passed or the body turns out damaged; a failure of {@code body} itself is thrown as it is.
   * Closing it frees the decoder's memory and closes {@code body}.
   *
   * @param contentEncoding all field lines; null or empty if absent: then {@code body} is returned
   * @throws RequestRefusedException if a coding is unknown or there are more layers than may be
   */
  public InputStream decode(@Nullable Collection<String> contentEncoding, InputStream body)
      throws RequestRefusedException {
    Objects.requireNonNull(body, "body");
    List<BodyDecoder> layers = layers(contentEncoding);
    if (layers.isEmpty()) {
      return body;
    }
    return new DecodedBody(body, layers, maximumSize, maximumRatio, memory);
  }

  /** Returns the codings in the order they were applied. */
  private List<BodyDecoder> layers(@Nullable Collection<String> lines)
      throws RequestRefusedException {
    List<BodyDecoder> layers = new ArrayList<>();
    for (String line : lines == null ? List.<String>of() : lines) {
      for (String token : (line == null ? "" : line).split(",", -1)) {
        String name = token.strip().toLowerCase(Locale.ROOT);
        if (!name.isEmpty() && !name.equals("identity")) {
          requireRoom(layers);
          layers.add(decoder(name));
        }
      }
    }
    return layers;
  }

  private void requireRoom(List<BodyDecoder> layers) throws RequestRefusedException {
    if (layers.size() == maximumLayers) {
      throw new RequestRefusedException(
          415,
          "Content-Encoding must have at most " + maximumLayers + " codings but has more",
          null);
    }
  }

  private BodyDecoder decoder(String name) throws RequestRefusedException {
    String token = name.equals("x-gzip") ? Coding.GZIP.token() : name;
    for (Map.Entry<Coding, BodyDecoder> decoder : decoders.entrySet()) {
      if (decoder.getKey().token().equals(token)) {
        return decoder.getValue();
      }
    }
    throw new RequestRefusedException(
        415, "Content-Encoding must be one of " + acceptEncoding() + " but is another", null);
  }

  @Override
  public String toString() {
    return "RequestDecoder[" + acceptEncoding() + "]";
  }

  /** Limits of a {@link RequestDecoder}. For one thread. */
  @Beta
  public static final class Builder {

    private ByteSize maximumSize = DEFAULT_MAXIMUM_SIZE;
    private int maximumRatio = DEFAULT_MAXIMUM_RATIO;
    private int maximumLayers = 1;
    private ByteSize maximumMemory = DEFAULT_MAXIMUM_MEMORY;

    private final Map<Coding, BodyDecoder> registered = new LinkedHashMap<>();

    private Builder() {}

    /** The most bytes of a decoded body. Default: {@link #DEFAULT_MAXIMUM_SIZE}. */
    public Builder maximumSize(ByteSize size) {
      maximumSize = Objects.requireNonNull(size, "maximumSize");
      return this;
    }

    /**
     * The most decoded bytes for each encoded one, once there are 64 KiB of them. Default: {@value
     * #DEFAULT_MAXIMUM_RATIO}.
     *
     * @throws IllegalArgumentException if it is under 1
     */
    public Builder maximumRatio(int ratio) {
      maximumRatio = Options.atLeast("maximumRatio", 1, ratio);
      return this;
    }

    /**
     * How many codings may lie over one another. Default: 1.
     *
     * @throws IllegalArgumentException if it is not 1 to 4
     */
    public Builder maximumLayers(int layers) {
      maximumLayers = Options.between("maximumLayers", 1, 4, layers);
      return this;
    }

    /**
     * The most memory that the decoders of all bodies under way may take, as their windows can be:
     * zstd 8 MiB, br 16 MiB, gzip and deflate 64 KiB. Further bodies are refused with 503. Default:
     * {@link #DEFAULT_MAXIMUM_MEMORY}.
     */
    public Builder maximumMemory(ByteSize size) {
      maximumMemory = Objects.requireNonNull(size, "maximumMemory");
      return this;
    }

    /**
     * Decodes the bodies of a coding that is not built in.
     *
     * @throws IllegalArgumentException if the codec has no decoder, or one was registered for its
     *     coding before
     */
    public Builder codec(ContentCodec codec) {
      Coding coding = codec.coding();
      BodyDecoder decoder = codec.decoder();
      Options.require(!registered.containsKey(coding), "codec", "be one for each coding", coding);
      if (decoder == null) {
        throw new IllegalArgumentException("codec must have a decoder but was " + coding);
      }
      registered.put(coding, decoder);
      return this;
    }

    /** Returns the decoder. A coding whose library does not work here is not decoded. */
    public RequestDecoder build() {
      return new RequestDecoder(this);
    }
  }
}
