package dev.perfkit.compress;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Dictionaries as files, named by their ids; a file appears whole or not at all. */
final class DirectoryDictionaries implements DictionaryStore {

  private static final String SUFFIX = ".pzdt";
  private static final Pattern NAME = Pattern.compile("[0-9a-f]{8}\\.pzdt");

  /** A file may be as large as a dictionary with its header; more is not read. */
  private static final long LARGEST = TrainedDictionary.MAXIMUM_SIZE.toBytes() + 64;

  private static final int MOST_FILES = 1_000;

  private final Path directory;

  DirectoryDictionaries(Path directory) {
    this.directory = Objects.requireNonNull(directory, "directory");
  }

  @Override
  public void put(TrainedDictionary dictionary) throws IOException {
    Files.createDirectories(directory);
    Path whole = directory.resolve(TrainedDictionary.name(dictionary.id()) + SUFFIX);
    Path part = Files.createTempFile(directory, "dictionary", ".part");
    try {
      Files.write(part, dictionary.toBytes());
      Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  @Override
  public @Nullable TrainedDictionary find(int id) throws IOException {
    TrainedDictionary found = read(directory.resolve(TrainedDictionary.name(id) + SUFFIX));
    return found != null && found.id() == id ? found : null;
  }

  @Override
  public @Nullable TrainedDictionary latest() throws IOException {
    TrainedDictionary latest = null;
    for (Path file : files()) {
      TrainedDictionary read = read(file);
      if (read != null && (latest == null || read.trainedAt().isAfter(latest.trainedAt()))) {
        latest = read;
      }
    }
    return latest;
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.filter(file -> NAME.matcher(String.valueOf(file.getFileName())).matches())
          .sorted(Comparator.reverseOrder())
          .limit(MOST_FILES)
          .toList();
    } catch (NoSuchFileException | NotDirectoryException notYet) {
      return List.of();
    }
  }

  private static @Nullable TrainedDictionary read(Path file) throws IOException {
    try {
      return Files.size(file) > LARGEST ? null : TrainedDictionary.from(Files.readAllBytes(file));
    } catch (NoSuchFileException | CompressException notOne) {
      return null;
    }
  }
}
