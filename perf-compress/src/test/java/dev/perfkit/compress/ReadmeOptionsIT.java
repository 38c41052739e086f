package dev.perfkit.compress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.spi.ByteSize;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorInputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's examples of what is optional, run; and proof that they do what the README says. */
class ReadmeOptionsIT {

  private static final byte[] JSON = Bodies.text(10_000);

  @Test
  void variants_asInTheReadme_areKept() {
    // region: variants
    ResponseCompressor web =
        ResponseCompressor.named("web").variants(Variants.upTo(ByteSize.ofMebibytes(64))).build();
    // endregion: variants
    try (web) {
      EncodedBody first = get(web, "gzip");
      assertThat(get(web, "gzip").bytes()).isSameAs(first.bytes());
    }
  }

  @Test
  void dictionary_asInTheReadme_givesTheDifference() {
    byte[] version1 = JSON;
    Map<String, String> headersOfVersion1 = new TreeMap<>();
    // region: dictionary
    Dictionary app = Dictionary.matching("/app/*.js", version1).id("app-1");
    ResponseCompressor scripts = ResponseCompressor.named("scripts").dictionaries(app).build();
    headersOfVersion1.put("Use-As-Dictionary", app.useAsDictionary()); // where version 1 is served
    // endregion: dictionary
    try (scripts) {
      Map<String, List<String>> asked =
          Map.of(
              "Accept-Encoding", List.of("gzip, dcz"),
              "Available-Dictionary", List.of(app.availableDictionary()));
      Map<String, List<String>> answered = Map.of("Content-Type", List.of("text/javascript"));
      EncodedBody encoded =
          scripts.compress(
              new RequestHead("GET", asked::get, "https://example.org/app/2.js"),
              ResponseHead.of(200, answered::get),
              version1);
      assertThat(encoded.decision().coding()).isEqualTo(Coding.DICTIONARY_ZSTD);
      assertThat(encoded.bytes().length).isLessThan(200);
      assertThat(headersOfVersion1).containsKey("Use-As-Dictionary");
    }
  }

  @Test
  void codec_asInTheReadme_isOffered() throws IOException {
    // region: codec
    Coding lz4 = Coding.of("lz4", 1, 1, 1); // name, lowest, highest and usual level
    ContentCodec codec =
        new ContentCodec() {
          @Override
          public Coding coding() {
            return lz4;
          }

          @Override
          public BodyEncoder newEncoder() {
            return BodyEncoder.over((out, level) -> new FramedLZ4CompressorOutputStream(out));
          }
        };
    ResponseCompressor internal =
        ResponseCompressor.named("internal").codec(codec).prefer(lz4, Coding.GZIP).build();
    // endregion: codec
    try (internal) {
      EncodedBody encoded = get(internal, "lz4, gzip");
      assertThat(encoded.decision().changes().set()).containsEntry("Content-Encoding", "lz4");
      assertThat(
              new FramedLZ4CompressorInputStream(new ByteArrayInputStream(encoded.bytes()))
                  .readAllBytes())
          .isEqualTo(JSON);
    }
  }

  @Test
  void trained_asInTheReadme_givesTheValueBack(@TempDir Path shared) {
    byte[] profile = SmallValues.of(1, 1).get(0);
    byte[] context = {};
    // region: trained
    TrainedTransform users =
        TrainedTransform.named("users").store(DictionaryStore.directory(shared)).build();
    byte[] small = users.encode(profile, context); // as any other ByteTransform
    // endregion: trained
    try (users) {
      byte[] encoded = Objects.requireNonNull(small);
      assertThat(users.decode(encoded, 0, encoded.length, context, 1 << 20)).isEqualTo(profile);
    }
  }

  private static EncodedBody get(ResponseCompressor compressor, String acceptEncoding) {
    Map<String, List<String>> headers = Map.of("Content-Type", List.of("application/json"));
    return compressor.compress(
        new RequestHead("GET", name -> List.of(acceptEncoding)),
        ResponseHead.of(200, headers::get),
        JSON);
  }
}
