package dev.perfkit.crypto.jackson;

import dev.perfkit.spi.Beta;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A property whose value is a ciphertext in JSON, through {@link EncryptedModule}. Without the
 * module on the mapper the annotation does nothing.
 */
@Beta
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.FIELD, ElementType.METHOD, ElementType.PARAMETER})
public @interface Encrypted {

  /** The column in the context of the value; by default the name of the property in JSON. */
  String column() default "";
}
