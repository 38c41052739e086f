package dev.perfkit.examples.auth;

import com.auth0.jwt.JWT;
import com.auth0.jwt.JWTVerifier;
import com.auth0.jwt.algorithms.Algorithm;
import com.auth0.jwt.interfaces.DecodedJWT;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;

/**
 * Issues and verifies the service's JSON Web Tokens, signed with ES256 by a key of this process.
 */
final class Tokens {

  static final Duration LIFE = Duration.ofHours(1);
  private static final String ISSUER = "auth-service";

  /** A token whose signature was verified. */
  record Verified(long userId, Instant expiresAt) {}

  private final Algorithm algorithm;
  private final JWTVerifier verifier;

  private Tokens(Algorithm algorithm) {
    this.algorithm = algorithm;
    this.verifier = JWT.require(algorithm).withIssuer(ISSUER).build();
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

  String issue(long userId) {
    Instant now = Instant.now();
    return JWT.create()
        .withIssuer(ISSUER)
        .withSubject(Long.toString(userId))
        .withIssuedAt(now)
        .withExpiresAt(now.plus(LIFE))
        .sign(algorithm);
  }

  /**
   * Returns whose token it is.
   *
   * @throws com.auth0.jwt.exceptions.JWTVerificationException if it is not ours, or expired
   */
  Verified verify(String token) {
    DecodedJWT jwt = verifier.verify(token);
    return new Verified(Long.parseLong(jwt.getSubject()), jwt.getExpiresAtAsInstant());
  }
}
