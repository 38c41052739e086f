package dev.perfkit.docs;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.PackageTree;
import com.sun.source.tree.SynchronizedTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** What published sources must look like, read with the JDK's own parser. */
final class Sources {

  /** What a rule found at a place. */
  private interface Report {
    void at(Tree tree, String problem);
  }

  private Sources() {}

  /**
   * Public types and their public and protected methods are documented, overriding ones excepted.
   */
  static List<String> undocumented(Collection<Path> files) {
    return scan(files, Undocumented::new);
  }

  /** Public classes say that nobody extends them, or who may. */
  static List<String> openClasses(Collection<Path> files) {
    return scan(files, OpenClasses::new);
  }

  /** Blocking inside {@code synchronized} pins virtual threads before JDK 24. */
  static List<String> synchronizedCode(Collection<Path> files) {
    return scan(files, SynchronizedCode::new);
  }

  /** Public types may still change, and say so. */
  static List<String> notBeta(Collection<Path> files) {
    return scan(files, NotBeta::new);
  }

  /** Every package says what it is for, and that nothing is null unless marked. */
  static List<String> unmarkedPackages(Collection<Path> files) {
    List<String> problems = new ArrayList<>(scan(files, UnmarkedPackages::new));
    List<Path> folders = files.stream().map(Path::getParent).distinct().toList();
    for (Path folder : folders) {
      if (files.stream().noneMatch(folder.resolve("package-info.java")::equals)) {
        problems.add(folder.getFileName() + " has no package-info.java");
      }
    }
    return problems;
  }

  private interface Rule {
    Rules create(Trees trees, Report report);
  }

  private static List<String> scan(Collection<Path> files, Rule rule) {
    if (files.isEmpty()) {
      return List.of();
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager manager =
        compiler.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null,
                  manager,
                  null,
                  List.of("-proc:none"),
                  null,
                  manager.getJavaFileObjectsFromPaths(files));
      List<String> problems = new ArrayList<>();
      for (CompilationUnitTree unit : task.parse()) {
        Trees trees = Trees.instance(task);
        rule.create(trees, (tree, problem) -> problems.add(place(trees, unit, tree) + problem))
            .scan(new TreePath(unit), null);
      }
      return problems;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static String place(Trees trees, CompilationUnitTree unit, Tree tree) {
    long start = trees.getSourcePositions().getStartPosition(unit, tree);
    Path file = Path.of(unit.getSourceFile().toUri());
    return file.getFileName() + ":" + unit.getLineMap().getLineNumber(start) + " ";
  }

  /** Walks a file and knows which types around the current place users can see. */
  private abstract static class Rules extends TreePathScanner<Void, Void> {

    final Trees trees;
    final Report report;

    Rules(Trees trees, Report report) {
      this.trees = trees;
      this.report = report;
    }

    static boolean has(ModifiersTree modifiers, Modifier... any) {
      return Set.of(any).stream().anyMatch(modifiers.getFlags()::contains);
    }

    static boolean isAnnotated(ModifiersTree modifiers, String simpleName) {
      return modifiers.getAnnotations().stream().anyMatch(each -> isNamed(each, simpleName));
    }

    static boolean isNamed(AnnotationTree annotation, String simpleName) {
      String name = annotation.getAnnotationType().toString();
      return name.equals(simpleName) || name.endsWith("." + simpleName);
    }

    boolean isDocumented(TreePath path) {
      String comment = trees.getDocComment(path);
      return comment != null && !comment.isBlank();
    }

    /** Returns whether the type at a path, and every type around it, can be seen by users. */
    static boolean isVisibleType(TreePath path) {
      for (TreePath at = path; at != null; at = at.getParentPath()) {
        if (at.getLeaf() instanceof ClassTree type) {
          boolean implicit = isInsideInterface(at);
          if (!implicit && !has(type.getModifiers(), Modifier.PUBLIC, Modifier.PROTECTED)) {
            return false;
          }
        } else if (at.getLeaf() instanceof MethodTree) {
          return false;
        }
      }
      return true;
    }

    static boolean isInsideInterface(TreePath path) {
      return path.getParentPath().getLeaf() instanceof ClassTree around
          && Set.of(Tree.Kind.INTERFACE, Tree.Kind.ANNOTATION_TYPE).contains(around.getKind());
    }
  }

  private static final class Undocumented extends Rules {

    Undocumented(Trees trees, Report report) {
      super(trees, report);
    }

    @Override
    public Void visitClass(ClassTree type, Void unused) {
      if (isVisibleType(getCurrentPath()) && !isDocumented(getCurrentPath())) {
        report.at(type, "type " + type.getSimpleName() + " has no doc comment");
      }
      return super.visitClass(type, null);
    }

    @Override
    public Void visitMethod(MethodTree method, Void unused) {
      TreePath path = getCurrentPath();
      ModifiersTree modifiers = method.getModifiers();
      boolean visible =
          has(modifiers, Modifier.PUBLIC, Modifier.PROTECTED)
              || (isInsideInterface(path) && !has(modifiers, Modifier.PRIVATE));
      if (visible
          && isVisibleType(path.getParentPath())
          && !isAnnotated(modifiers, "Override")
          && !isDocumented(path)) {
        report.at(method, "method " + method.getName() + " has no doc comment");
      }
      return null;
    }
  }

  private static final class OpenClasses extends Rules {

    OpenClasses(Trees trees, Report report) {
      super(trees, report);
    }

    @Override
    public Void visitClass(ClassTree type, Void unused) {
      if (type.getKind() == Tree.Kind.CLASS
          && isVisibleType(getCurrentPath())
          && !has(type.getModifiers(), Modifier.FINAL, Modifier.SEALED)) {
        report.at(type, "class " + type.getSimpleName() + " is neither final nor sealed");
      }
      return super.visitClass(type, null);
    }
  }

  private static final class SynchronizedCode extends Rules {

    SynchronizedCode(Trees trees, Report report) {
      super(trees, report);
    }

    @Override
    public Void visitMethod(MethodTree method, Void unused) {
      if (has(method.getModifiers(), Modifier.SYNCHRONIZED)) {
        report.at(method, "method " + method.getName() + " is synchronized");
      }
      return super.visitMethod(method, null);
    }

    @Override
    public Void visitSynchronized(SynchronizedTree block, Void unused) {
      report.at(block, "synchronized block");
      return super.visitSynchronized(block, null);
    }
  }

  private static final class NotBeta extends Rules {

    NotBeta(Trees trees, Report report) {
      super(trees, report);
    }

    @Override
    public Void visitClass(ClassTree type, Void unused) {
      boolean top = getCurrentPath().getParentPath().getLeaf() instanceof CompilationUnitTree;
      if (top
          && isVisibleType(getCurrentPath())
          && !isAnnotated(type.getModifiers(), "Beta")
          && !type.getSimpleName().contentEquals("Beta")) {
        report.at(type, "type " + type.getSimpleName() + " is not @Beta");
      }
      return null;
    }
  }

  private static final class UnmarkedPackages extends Rules {

    UnmarkedPackages(Trees trees, Report report) {
      super(trees, report);
    }

    @Override
    public Void visitPackage(PackageTree tree, Void unused) {
      if (getCurrentPath()
          .getCompilationUnit()
          .getSourceFile()
          .getName()
          .endsWith("package-info.java")) {
        if (tree.getAnnotations().stream().noneMatch(each -> isNamed(each, "NullMarked"))) {
          report.at(tree, "package " + tree.getPackageName() + " is not @NullMarked");
        }
        if (!isDocumented(getCurrentPath())) {
          report.at(tree, "package " + tree.getPackageName() + " has no doc comment");
        }
      }
      return null;
    }
  }
}
