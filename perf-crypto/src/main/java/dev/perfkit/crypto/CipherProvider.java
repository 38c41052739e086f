package dev.perfkit.crypto;

import dev.perfkit.spi.Beta;
import java.lang.reflect.InvocationTargetException;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.Security;
import java.util.Objects;
import javax.crypto.Cipher;
import org.jspecify.annotations.Nullable;

/**
 * Who computes AES-GCM: the JDK, or a JCE provider that is asked for. None is ever registered in
 * the JVM, so nothing but the ciphers that were built with it is affected.
 *
 * <pre>{@code
 * FieldCipher.named("pii").keyset(keyset).provider(CipherProvider.corretto()).build();
 * }</pre>
 *
 * <p>A provider is checked before its first use and, in the background, over all lengths up to
 * 9,000 bytes once its code was compiled. One that is wrong is excluded while the process runs: the
 * JDK takes its place, an event {@code provider-excluded} and {@code health()} tell. When the JDK
 * itself is wrong nothing takes its place: operations are refused.
 *
 * <p>Safe for use by any number of threads. What was found out about a provider is kept in this
 * object, so share it.
 */
@Beta
public final class CipherProvider {

  private static final CipherProvider JDK = new CipherProvider("JDK", CipherProvider::ofJdk);
  private static final CipherProvider CORRETTO =
      new CipherProvider(
          "Amazon Corretto",
          () ->
              (Provider)
                  Class.forName("com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider")
                      .getField("INSTANCE")
                      .get(null));
  private static final CipherProvider CONSCRYPT =
      new CipherProvider(
          "Conscrypt",
          () ->
              (Provider)
                  Class.forName("org.conscrypt.Conscrypt").getMethod("newProvider").invoke(null));

  private final String name;
  private final Loader loader;
  private final ProviderCheck check = new ProviderCheck();
  private volatile @Nullable Provider loaded;

  private CipherProvider(String name, Loader loader) {
    this.name = name;
    this.loader = loader;
  }

  /** Returns the JDK's own provider, whatever the host registered in front of it; the default. */
  public static CipherProvider jdk() {
    return JDK;
  }

  /**
   * Returns the Amazon Corretto Crypto Provider, for values of many kilobytes. Add {@code
   * software.amazon.cryptools:AmazonCorrettoCryptoProvider} with the classifier of the platform.
   */
  public static CipherProvider corretto() {
    return CORRETTO;
  }

  /** Returns Conscrypt. Add {@code org.conscrypt:conscrypt-openjdk-uber}. */
  public static CipherProvider conscrypt() {
    return CONSCRYPT;
  }

  /** Returns a provider that the host made; it must have {@code AES/GCM/NoPadding}. */
  public static CipherProvider of(Provider provider) {
    Objects.requireNonNull(provider, "provider");
    return new CipherProvider(provider.getName(), () -> provider);
  }

  /** Returns the name, as health and events show it. */
  public String name() {
    return name;
  }

  /** Returns whether it is on the class path, works on this platform and has AES-GCM. */
  public boolean isAvailable() {
    try {
      load();
      return true;
    } catch (GeneralSecurityException missing) {
      return false;
    }
  }

  @Override
  public String toString() {
    return "CipherProvider[" + name + "]";
  }

  ProviderCheck check() {
    return check;
  }

  /**
   * Returns the provider itself.
   *
   * @throws GeneralSecurityException if it is not there
   */
  Provider load() throws GeneralSecurityException {
    Provider known = loaded;
    if (known != null) {
      return known;
    }
    try {
      Provider provider = loader.load();
      var unused = new JceGcm(provider);
      loaded = provider;
      return provider;
    } catch (InvocationTargetException failure) {
      throw new GeneralSecurityException(name + " could not be started", failure.getCause());
    } catch (ReflectiveOperationException | LinkageError | RuntimeException failure) {
      throw new GeneralSecurityException(name + " is not on the class path or failed", failure);
    }
  }

  private static Provider ofJdk() throws GeneralSecurityException {
    Provider jdk = Security.getProvider("SunJCE");
    return jdk == null ? Cipher.getInstance(JceGcm.TRANSFORMATION).getProvider() : jdk;
  }

  private interface Loader {
    Provider load() throws GeneralSecurityException, ReflectiveOperationException;
  }
}
