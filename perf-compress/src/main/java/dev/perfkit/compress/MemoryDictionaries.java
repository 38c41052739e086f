package dev.perfkit.compress;

import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Dictionaries in memory. */
final class MemoryDictionaries implements DictionaryStore {

  private final Map<Integer, TrainedDictionary> byId = new ConcurrentHashMap<>();

  @Override
  public void put(TrainedDictionary dictionary) {
    byId.put(dictionary.id(), dictionary);
  }

  @Override
  public @Nullable TrainedDictionary find(int id) {
    return byId.get(id);
  }

  @Override
  public @Nullable TrainedDictionary latest() {
    return byId.values().stream()
        .max(Comparator.comparing(TrainedDictionary::trainedAt))
        .orElse(null);
  }
}
