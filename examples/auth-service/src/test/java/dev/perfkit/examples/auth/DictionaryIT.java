package dev.perfkit.examples.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdDecompressCtx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;

/** Who has the countries in English gets those in another language as the difference. */
class DictionaryIT extends RunningService {

  /** The magic number of {@code dcz}, and the hash of the dictionary. */
  private static final int HEADER = 8 + 32;

  private final HttpClient client = HttpClient.newHttpClient();

  @Test
  void countries_inAnotherLanguage_areTheDifferenceToThoseInEnglish() throws Exception {
    HttpResponse<byte[]> english = get("en", "Accept-Encoding", "identity");
    assertThat(english.headers().firstValue("Use-As-Dictionary").orElse(""))
        .contains("match=\"/countries\"");
    assertThat(english.headers().firstValue("Cache-Control")).contains("max-age=3600");
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(english.body());
    String available = ":" + Base64.getEncoder().encodeToString(hash) + ":";

    byte[] french = get("fr", "Accept-Encoding", "identity").body();
    assertThat(new String(french, StandardCharsets.UTF_8)).contains("Allemagne");
    HttpResponse<byte[]> zstd = get("fr", "Accept-Encoding", "gzip, br, zstd");
    assertThat(zstd.headers().firstValue("Content-Encoding")).contains("zstd");
    assertThat(zstd.headers().firstValue("Use-As-Dictionary")).isEmpty();
    HttpResponse<byte[]> dcz =
        get("fr", "Accept-Encoding", "gzip, br, zstd, dcb, dcz", "Available-Dictionary", available);
    assertThat(dcz.headers().firstValue("Content-Encoding")).contains("dcz");
    assertThat(dcz.headers().firstValue("Vary")).contains("Accept-Encoding, Available-Dictionary");
    assertThat(decoded(dcz.body(), english.body(), french.length)).isEqualTo(french);
    assertThat(dcz.body().length).isLessThan(zstd.body().length);
  }

  private static byte[] decoded(byte[] dcz, byte[] dictionary, int length) {
    try (ZstdDecompressCtx context = new ZstdDecompressCtx()) {
      context.loadDict(dictionary);
      return context.decompress(Arrays.copyOfRange(dcz, HEADER, dcz.length), length);
    }
  }

  private HttpResponse<byte[]> get(String language, String... headers) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base() + "/countries?lang=" + language))
            .timeout(Duration.ofSeconds(20))
            .headers(headers)
            .build();
    return client.send(request, BodyHandlers.ofByteArray());
  }
}
