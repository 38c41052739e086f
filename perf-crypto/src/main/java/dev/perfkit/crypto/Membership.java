package dev.perfkit.crypto;

import dev.perfkit.crypto.KeysetException.Reason;
import dev.perfkit.crypto.cluster.Coordination;
import dev.perfkit.crypto.cluster.Member;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Which processes use a keyring, and which keys each of them has. A process that is not heard of
 * for a lease is no member any more, so a dead one holds nothing up.
 */
final class Membership {

  /** A note names the newest keys only; a key that waits is always among them. */
  private static final int MAX_NOTED = 200;

  private final Coordination coordination;
  private final String group;
  private final String node;
  private final Duration lease;

  Membership(Coordination coordination, String keyring, String node, Duration lease) {
    this.coordination = coordination;
    this.group = "keyring/" + keyring;
    this.node = node;
    this.lease = lease;
  }

  /** Says that this process has the keys of a ring. */
  void announce(Ring ring) {
    List<RingKey> keys = ring.keys();
    String note =
        keys.subList(Math.max(0, keys.size() - MAX_NOTED), keys.size()).stream()
            .map(key -> Keyset.idText(key.id()))
            .collect(Collectors.joining(","));
    try {
      coordination.announce(group, node, note, lease);
    } catch (IOException failure) {
      throw away(failure);
    }
  }

  /** Returns the names of the live processes that did not report a key, sorted. */
  List<String> without(int keyId) {
    try {
      return coordination.members(group).stream()
          .filter(member -> !has(member, keyId))
          .map(Member::name)
          .toList();
    } catch (IOException failure) {
      throw away(failure);
    }
  }

  void leave() {
    try {
      coordination.leave(group, node);
    } catch (IOException failure) {
      throw away(failure);
    }
  }

  private static boolean has(Member member, int keyId) {
    return List.of(member.note().split(",")).contains(Keyset.idText(keyId));
  }

  private static KeysetException away(IOException failure) {
    return new KeysetException(Reason.UNAVAILABLE, "the coordination store is away", failure);
  }
}
