package dev.perfkit.docs;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What compiled classes must not do. Each method returns the problems it finds, in order. */
final class ByteCode {

  private static final Set<String> SERIALIZATION =
      Set.of(
          "java.io.Serializable",
          "java.io.Externalizable",
          "java.io.ObjectInput",
          "java.io.ObjectInputStream",
          "java.io.ObjectOutput",
          "java.io.ObjectOutputStream");

  private ByteCode() {}

  /** Classes below a package use only packages that begin with one of the given texts. */
  static List<String> usesOutside(
      JavaClasses classes, String rootPackage, Collection<String> allowed) {
    return in(classes, rootPackage)
        .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
        .filter(dependency -> !dependency.getTargetClass().getBaseComponentType().isPrimitive())
        .filter(dependency -> allowed.stream().noneMatch(name(dependency)::startsWith))
        .map(dependency -> top(dependency.getOriginClass()) + " uses " + name(dependency))
        .distinct()
        .sorted()
        .toList();
  }

  /**
   * Public signatures name only types that a user may rely on: the JDK's, and public ones of
   * perfkit that are neither internal nor for the modules alone.
   */
  static List<String> foreignTypesInSignatures(JavaClasses classes, String rootPackage) {
    return in(classes, rootPackage)
        .filter(type -> isApi(type) && isForUsers(type))
        .flatMap(
            type ->
                signatureTypes(type)
                    .filter(named -> !isForUsers(named))
                    .map(named -> type.getName() + " shows " + named.getName()))
        .distinct()
        .sorted()
        .toList();
  }

  /** No two packages below a root use each other, not even through others. */
  static List<String> packageCycles(JavaClasses classes, String rootPackage) {
    Map<String, Set<String>> uses = new TreeMap<>();
    in(classes, rootPackage)
        .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
        .forEach(
            dependency -> {
              String from = dependency.getOriginClass().getPackageName();
              String to = dependency.getTargetClass().getBaseComponentType().getPackageName();
              if (!from.equals(to) && isWithin(to, rootPackage)) {
                uses.computeIfAbsent(from, unused -> new TreeSet<>()).add(to);
              }
            });
    return uses.keySet().stream()
        .filter(from -> reachable(uses, from).contains(from))
        .map(from -> from + " is in a cycle of packages: it uses " + uses.get(from))
        .toList();
  }

  /** Nothing is written or read by Java serialization; exceptions inherit the interface. */
  static List<String> serialization(JavaClasses classes, String rootPackage) {
    return in(classes, rootPackage)
        .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
        .filter(dependency -> SERIALIZATION.contains(name(dependency)))
        .map(dependency -> top(dependency.getOriginClass()) + " uses " + name(dependency))
        .distinct()
        .sorted()
        .toList();
  }

  /** A library says what it has to say through its host: no standard streams, no stack traces. */
  static List<String> standardStreams(JavaClasses classes, String rootPackage) {
    return in(classes, rootPackage)
        .flatMap(type -> type.getAccessesFromSelf().stream())
        .filter(ByteCode::isStandardStream)
        .map(access -> top(access.getOriginOwner()) + " uses " + access.getTarget().getName())
        .distinct()
        .sorted()
        .toList();
  }

  static Stream<JavaClass> in(JavaClasses classes, String rootPackage) {
    return classes.stream().filter(type -> isWithin(type.getPackageName(), rootPackage));
  }

  private static boolean isWithin(String packageName, String rootPackage) {
    return packageName.equals(rootPackage) || packageName.startsWith(rootPackage + ".");
  }

  private static String name(Dependency dependency) {
    return dependency.getTargetClass().getBaseComponentType().getName();
  }

  private static String top(JavaClass type) {
    return type.getName().replaceAll("\\$.*", "");
  }

  private static boolean isStandardStream(JavaAccess<?> access) {
    String owner = access.getTargetOwner().getName();
    String name = access.getTarget().getName();
    return (owner.equals("java.lang.System")
            && Set.of("out", "err", "setOut", "setErr").contains(name))
        || name.equals("printStackTrace");
  }

  /** Returns whether users can name a type: it and all types around it are public. */
  private static boolean isApi(JavaClass type) {
    return type.getModifiers().contains(JavaModifier.PUBLIC)
        && type.getEnclosingClass().map(ByteCode::isApi).orElse(true)
        && !type.getPackageName().matches(".*\\.internal(\\..*)?");
  }

  private static boolean isForUsers(JavaClass type) {
    String name = type.getBaseComponentType().getName();
    return name.startsWith("java.")
        || name.startsWith("javax.")
        || type.getBaseComponentType().isPrimitive()
        || (name.startsWith("dev.perfkit.")
            && isApi(type.getBaseComponentType())
            && !name.startsWith("dev.perfkit.spi.support."));
  }

  private static Stream<JavaClass> signatureTypes(JavaClass type) {
    List<JavaType> types = new ArrayList<>(type.getInterfaces());
    type.getSuperclass().ifPresent(types::add);
    type.getTypeParameters().forEach(parameter -> types.addAll(parameter.getUpperBounds()));
    type.getFields().stream()
        .filter(ByteCode::isVisible)
        .forEach(field -> types.add(field.getType()));
    Stream.concat(type.getMethods().stream(), type.getConstructors().stream())
        .filter(ByteCode::isVisible)
        .forEach(code -> addSignature(code, types));
    return types.stream().flatMap(used -> used.getAllInvolvedRawTypes().stream());
  }

  private static void addSignature(JavaCodeUnit code, List<JavaType> types) {
    types.add(code.getReturnType());
    types.addAll(code.getParameterTypes());
    types.addAll(code.getExceptionTypes());
    code.getTypeParameters().forEach(parameter -> types.addAll(parameter.getUpperBounds()));
  }

  private static boolean isVisible(JavaMember member) {
    Set<JavaModifier> modifiers = member.getModifiers();
    return (modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED))
        && !modifiers.contains(JavaModifier.SYNTHETIC)
        && !modifiers.contains(JavaModifier.BRIDGE);
  }

  private static Set<String> reachable(Map<String, Set<String>> uses, String from) {
    Set<String> seen = new TreeSet<>();
    Deque<String> next = new ArrayDeque<>(uses.getOrDefault(from, Set.of()));
    while (!next.isEmpty()) {
      String to = next.pop();
      if (seen.add(to)) {
        next.addAll(uses.getOrDefault(to, Set.of()));
      }
    }
    return seen;
  }
}
