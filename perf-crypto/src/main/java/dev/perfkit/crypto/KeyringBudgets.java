package dev.perfkit.crypto;

import dev.perfkit.crypto.EncryptException.Reason;
import dev.perfkit.crypto.MessageBudget.SpentException;
import dev.perfkit.spi.TimeSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The counted messages of each key of a keyring, for all ciphers of this process. */
final class KeyringBudgets {

  /** What budgets need of their keyring. */
  interface Counter {

    /**
     * Counts messages of a key where all processes see it.
     *
     * @return how many, up to those wanted; 0 if there are none left
     */
    long reserve(int keyId, long wanted);

    /** Is told that a key needs a lease soon, or that it was used much; must not block. */
    void wake();
  }

  private final Counter counter;
  private final TimeSource time;
  private final long leaseMessages;
  private final Map<Integer, MessageBudget> budgets = new ConcurrentHashMap<>();

  KeyringBudgets(Counter counter, TimeSource time, long leaseMessages) {
    this.counter = counter;
    this.time = time;
    this.leaseMessages = leaseMessages;
  }

  MessageBudget of(int keyId) {
    return budgets.computeIfAbsent(
        keyId, id -> new MessageBudget(new Leases(id), time, leaseMessages / 4));
  }

  /** Takes a lease ahead for a key that is in use and nears the end of its own. */
  void prefetch(int keyId) throws SpentException {
    MessageBudget budget = budgets.get(keyId);
    if (budget != null) {
      budget.prefetch();
    }
  }

  /** Gives back what the keys that do not encrypt any more have left. */
  void retain(int keyId) {
    for (Integer id : List.copyOf(budgets.keySet())) {
      MessageBudget budget = id == keyId ? null : budgets.remove(id);
      if (budget != null) {
        budget.close();
      }
    }
  }

  void close() {
    budgets.values().forEach(MessageBudget::close);
  }

  /** Takes leases of one key. */
  private final class Leases implements MessageBudget.Source {

    private final int keyId;

    Leases(int keyId) {
      this.keyId = keyId;
    }

    @Override
    public long take() throws SpentException {
      long granted;
      try {
        granted = counter.reserve(keyId, leaseMessages);
      } catch (KeysetException failure) {
        throw new SpentException(
            Reason.STORE_UNAVAILABLE,
            "no messages of key " + Keyset.idText(keyId) + " could be counted ahead",
            failure);
      }
      if (granted == 0) {
        counter.wake();
        throw MessageBudget.exhausted("key " + Keyset.idText(keyId));
      }
      return granted;
    }

    @Override
    public void giveBack(long messages) {
      try {
        counter.reserve(keyId, -messages);
      } catch (KeysetException forfeited) {
        // As after a crash: they count as used.
      }
    }

    @Override
    public void nearlySpent() {
      counter.wake();
    }
  }
}
