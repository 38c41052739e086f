package dev.perfkit.sla;

/**
 * The slots of one resolution, the oldest first and without gaps between them. An empty slot says
 * that nothing happened from its start to its end, so empty neighbours are one slot and it may be
 * cut anywhere. Not safe for use by several threads.
 */
final class SlotRing {

  private static final int LEAST = 4;

  /** What a slot takes beside its bytes: its end, a reference and the head of an array. */
  private static final int OVERHEAD = 32;

  private final int capacity;
  private final long keepNanos;
  private long[] ends = new long[LEAST];
  private byte[][] slots = new byte[LEAST][];
  private int head;
  private int size;
  private long start;
  private long bytes;

  /**
   * @param keepNanos how far back slots are kept
   * @param capacity the most slots that are kept
   */
  SlotRing(long start, long keepNanos, int capacity) {
    this.start = start;
    this.keepNanos = keepNanos;
    this.capacity = capacity;
  }

  /** Returns where the oldest slot starts. */
  long start() {
    return start;
  }

  /** Returns where the newest slot ends. */
  long end() {
    return size == 0 ? start : ends[index(size - 1)];
  }

  /** Appends a slot from the end of the newest one to a later time. */
  void append(long end, byte[] slot) {
    if (size > 0 && slot.length == 0 && slots[index(size - 1)].length == 0) {
      ends[index(size - 1)] = end;
    } else {
      push(end, slot);
    }
  }

  /** Forgets slots that are too old; what they counted must be in the next ring by now. */
  void trim() {
    long end = end();
    while (size > 1 && end - ends[head] > keepNanos) {
      dropOldest();
    }
  }

  /** Forgets slots up to a time, which the next ring must have by now. */
  void dropUntil(long time) {
    while (size > 0 && ends[head] <= time) {
      dropOldest();
    }
  }

  /** Returns how much memory the slots take, about. */
  long bytes() {
    return bytes;
  }

  /** Returns the start of the slot that holds a time, or that time if the slot is empty. */
  long edgeAtOrBefore(long time) {
    int slot = find(time);
    return slot == size || isEmpty(slot) ? Math.min(time, end()) : startOf(slot);
  }

  /** Returns the first time from a given one on where this ring can be cut, and holds all since. */
  long edgeAtOrAfter(long time) {
    if (time < start) {
      return start;
    }
    int slot = find(time);
    return slot == size || isEmpty(slot) || startOf(slot) == time ? time : ends[index(slot)];
  }

  /** Adds the slots between two edges; slots that are not there count nothing. */
  void addTo(Tally tally, long from, long to) {
    for (int slot = find(from); slot < size && startOf(slot) < to; slot++) {
      tally.add(slots[index(slot)]);
    }
  }

  /** Writes start, number of slots, and of each the time to its end, its length and its bytes. */
  void write(StateWriter out) {
    out.number(start).number(size);
    for (int slot = 0; slot < size; slot++) {
      out.number(ends[index(slot)] - startOf(slot)).bytes(slots[index(slot)]);
    }
  }

  /**
   * Replaces all by what was written.
   *
   * @param latest no slot ends later
   */
  void read(StateReader in, long latest, SlotForm form) throws StateDamage {
    start = in.number(latest);
    int count = (int) in.number(capacity);
    for (int i = 0; i < count; i++) {
      long end = end() + in.number(latest - end());
      StateDamage.require(end > end(), "a slot has no length");
      push(end, form.checked(in.bytes()));
    }
  }

  /** Checks bytes of a slot, and may turn them into those of another layout. */
  interface SlotForm {
    byte[] checked(byte[] slot) throws StateDamage;
  }

  private void push(long end, byte[] slot) {
    if (size == capacity) {
      dropOldest();
    }
    if (size == ends.length) {
      resize(Math.min(capacity, size * 2));
    }
    ends[index(size)] = end;
    slots[index(size)] = slot;
    bytes += OVERHEAD + slot.length;
    size++;
  }

  private void dropOldest() {
    start = ends[head];
    bytes -= OVERHEAD + slots[head].length;
    slots[head] = Tally.EMPTY;
    head = index(1);
    size--;
  }

  private void resize(int length) {
    long[] moreEnds = new long[length];
    byte[][] moreSlots = new byte[length][];
    for (int i = 0; i < size; i++) {
      moreEnds[i] = ends[index(i)];
      moreSlots[i] = slots[index(i)];
    }
    ends = moreEnds;
    slots = moreSlots;
    head = 0;
  }

  /** Returns the first slot that ends after a time. */
  private int find(long time) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (ends[index(middle)] > time) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  private boolean isEmpty(int slot) {
    return slots[index(slot)].length == 0;
  }

  private long startOf(int slot) {
    return slot == 0 ? start : ends[index(slot - 1)];
  }

  private int index(int slot) {
    int index = head + slot;
    return index < ends.length ? index : index - ends.length;
  }
}
