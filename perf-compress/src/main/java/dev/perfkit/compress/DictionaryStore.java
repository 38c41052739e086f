package dev.perfkit.compress;

import dev.perfkit.spi.Beta;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where the nodes of a service find each other's trained dictionaries: a directory they share, a
 * table, a bucket. Asked rarely: at the start, after training, and for ids that are not known yet.
 * Safe for use by any number of threads.
 */
@Beta
public interface DictionaryStore {

  /**
   * Keeps a dictionary. Those that are kept stay: payloads may be read for as long as they live.
   */
  void put(TrainedDictionary dictionary) throws IOException;

  /** Returns the dictionary of an id, or null. */
  @Nullable TrainedDictionary find(int id) throws IOException;

  /** Returns the one that was trained last, or null if there is none. */
  @Nullable TrainedDictionary latest() throws IOException;

  /** Returns a store in the memory of this process. */
  static DictionaryStore inMemory() {
    return new MemoryDictionaries();
  }

  /**
   * Returns a store of one file each in a directory, which may be shared. Files that are not
   * dictionaries are passed over.
   *
   * @param directory is made when the first is put
   */
  static DictionaryStore directory(Path directory) {
    return new DirectoryDictionaries(directory);
  }
}
