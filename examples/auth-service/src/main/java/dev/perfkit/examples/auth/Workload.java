package dev.perfkit.examples.auth;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.BasicHttpClientConnectionManager;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * The requests of the load: of 100, about 45 ask who the caller is, 35 for another user, 15 for the
 * countries in a language and 5 change the caller; once a second, by the rate, somebody logs in.
 * Users and languages are chosen by Zipf's law, since some are always more asked for than others.
 */
final class Workload implements Load.Senders {

  private static final Timeout PATIENCE = Timeout.ofSeconds(30);

  private final URI base;
  private final List<String> tokens;
  private final List<String> languages;
  private final Zipf userRank;
  private final Zipf callerRank;
  private final Zipf languageRank;
  private final long loginEvery;
  private int opened;

  /**
   * Prepares requests.
   *
   * @param tokens of the users 1 to n, who make the calls
   * @param users how many users there are
   * @param loginEvery one of so many requests is a login
   */
  Workload(URI base, List<String> tokens, int users, long loginEvery) {
    this.base = base;
    this.tokens = tokens;
    this.languages = new ArrayList<>(ReferenceData.languages());
    this.userRank = new Zipf(users);
    this.callerRank = new Zipf(tokens.size());
    this.languageRank = new Zipf(languages.size());
    this.loginEvery = loginEvery;
  }

  @Override
  public synchronized Load.Sender open() {
    return new Client(opened++);
  }

  private final class Client implements Load.Sender {

    private final Random random;
    private final byte[] buffer = new byte[1 << 13];
    private final CloseableHttpClient client;

    Client(int seed) {
      random = new Random(seed);
      BasicHttpClientConnectionManager connections = new BasicHttpClientConnectionManager();
      connections.setConnectionConfig(
          ConnectionConfig.custom().setConnectTimeout(PATIENCE).setSocketTimeout(PATIENCE).build());
      client =
          HttpClients.custom()
              .setConnectionManager(connections)
              .disableAutomaticRetries()
              .disableContentCompression() // the bytes are counted as they were sent
              .disableCookieManagement()
              .disableRedirectHandling()
              .build();
    }

    @Override
    public long send(long number) {
      try {
        return client.execute(request(number).build(), this::bytesOf);
      } catch (IOException | RuntimeException failure) {
        return -1;
      }
    }

    @Override
    public void close() {
      try {
        client.close();
      } catch (IOException ignored) {
        // The connection is gone either way.
      }
    }

    private ClassicRequestBuilder request(long number) {
      if (number % loginEvery == loginEvery / 2) {
        return login(1 + random.nextInt(SampleUsers.WITH_PASSWORD));
      }
      int caller = callerRank.next(random);
      int dice = random.nextInt(100);
      ClassicRequestBuilder request;
      if (dice < 45) {
        request = ClassicRequestBuilder.get(base.resolve("/me"));
      } else if (dice < 80) {
        request = ClassicRequestBuilder.get(base.resolve("/users/" + (1 + userRank.next(random))));
      } else if (dice < 95) {
        String language = languages.get(languageRank.next(random));
        request = ClassicRequestBuilder.get(base.resolve("/countries?lang=" + language));
      } else {
        request = change(1 + caller, number);
      }
      return request
          .setHeader("Authorization", "Bearer " + tokens.get(caller))
          .setHeader("Accept-Encoding", "gzip, br, zstd");
    }

    private ClassicRequestBuilder login(int user) {
      return ClassicRequestBuilder.post(base.resolve("/login"))
          .setEntity(
              "{\"login\":\"%s\",\"password\":\"%s\"}"
                  .formatted(SampleUsers.login(user), SampleUsers.password(user))
                  .getBytes(StandardCharsets.UTF_8),
              null);
    }

    private ClassicRequestBuilder change(int user, long number) {
      return ClassicRequestBuilder.put(base.resolve("/users/" + user))
          .setEntity(
              "{\"displayName\":\"User number %d\",\"phone\":\"+49 30 %07d\"}"
                  .formatted(user, number % 10_000_000)
                  .getBytes(StandardCharsets.UTF_8),
              null);
    }

    private long bytesOf(ClassicHttpResponse response) throws IOException {
      long bytes = read(response.getEntity());
      return response.getCode() < 400 ? bytes : -1;
    }

    private long read(@Nullable HttpEntity entity) throws IOException {
      if (entity == null) {
        return 0;
      }
      long bytes = 0;
      try (InputStream body = entity.getContent()) {
        for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
          bytes += n;
        }
      }
      return bytes;
    }
  }

  /** Ranks from 0, each k-th as likely as 1 / (k + 1). */
  private static final class Zipf {

    private final double[] cumulative;

    Zipf(int n) {
      cumulative = new double[n];
      double sum = 0;
      for (int i = 0; i < n; i++) {
        sum += 1.0 / (i + 1);
        cumulative[i] = sum;
      }
    }

    int next(Random random) {
      double where = random.nextDouble() * cumulative[cumulative.length - 1];
      int found = Arrays.binarySearch(cumulative, where);
      return Math.min(cumulative.length - 1, found < 0 ? -found - 1 : found);
    }
  }
}
