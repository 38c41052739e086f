package dev.perfkit.cache;

import java.util.List;

/**
 * Where a value came from, as far as it decides whether it is still valid.
 *
 * @param shard of its key
 * @param generation of the shard when the operation began
 * @param sequence of the shard's invalidations that it has seen for sure
 * @param then the time on the logical clocks before its load began
 * @param tags it was loaded with
 */
record Origin(Shard shard, long generation, long sequence, Marks.Reading then, List<String> tags) {

  Marks.Verdict judge(Marks marks) {
    return generation == shard.generation() ? marks.judge(then, tags) : Marks.Verdict.DEAD;
  }
}
