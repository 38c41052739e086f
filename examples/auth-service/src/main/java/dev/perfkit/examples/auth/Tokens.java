package dev.perfkit.examples.auth;

import com.auth0.jwt.JWT;
import com.auth0.jwt.JWTVerifier;
import com.auth0.jwt.algorithms.Algorithm;
import com.auth0.jwt.interfaces.DecodedJWT;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;

/**
 * Issues and verifies the service's JSON Web Tokens, signed with ES256 by a key of this process.
 */
final class Tokens {

  static final Duration LIFE = Duration.ofHours(1);
  private static final String GENERATION = "gen";
  private static final String ISSUER = "auth-service";

  /**
   * A token whose signature was verified.
   *
   * @param generation the user's when it was issued; when the user is at another, it was revoked
   */
  record Verified(long userId, int generation, Instant expiresAt) {}

  private final Algorithm algorithm;
  private final JWTVerifier verifier;

  private Tokens(Algorithm algorithm) {
    this.algorithm = algorithm;
    this.verifier = JWT.require(algorithm).withIssuer(ISSUER).withClaimPresence(GENERATION).build();
  }

  static Tokens withNewKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair pair = generator.generateKeyPair();
      return new Tokens(
          Algorithm.ECDSA256((ECPublicKey) pair.getPublic(), (ECPrivateKey) pair.getPrivate()));
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("this JDK has no P-256 elliptic curve", missing);
    }
  }

  /** Returns a token of a user none of whose tokens was ever revoked. */
  String issue(long userId) {
    return issue(userId, 0, LIFE);
  }

  String issue(long userId, int generation, Duration life) {
    Instant now = Instant.now();
    return JWT.create()
        .withIssuer(ISSUER)
        .withSubject(Long.toString(userId))
        .withClaim(GENERATION, generation)
        .withIssuedAt(now)
        .withExpiresAt(now.plus(life))
        .sign(algorithm);
  }

  /** Returns what stands for a token where the token itself must not be seen. */
  static String fingerprint(String token) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every JDK has SHA-256", impossible);
    }
  }

  /**
   * Returns whose token it is.
   *
   * @throws com.auth0.jwt.exceptions.JWTVerificationException if it is not ours, or expired
   */
  Verified verify(String token) {
    DecodedJWT jwt = verifier.verify(token);
    return new Verified(
        Long.parseLong(jwt.getSubject()),
        jwt.getClaim(GENERATION).asInt(),
        jwt.getExpiresAtAsInstant());
  }
}
