package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.pool.History.Row;
import dev.perfkit.pool.History.Told;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Proves that the checker of histories finds each violation it is there for. */
class HistoryTest {

  private final History history = new History();

  private static Row row(long id, int attempt) {
    return new Row(id, attempt, 1, "a", "a");
  }

  @Test
  void history_asItShouldBe_isFine() {
    history.told(1, 1, Told.OK, 1);
    history.told(2, 1, Told.NOTHING, 1);
    history.told(2, 2, Told.OK, 1);
    history.told(3, 1, Told.UNKNOWN, 1);
    history.told(4, 1, Told.UNKNOWN, 1);
    history.told(5, 1, Told.REFUSED, 1);
    history.finished(1);
    history.finished(2);
    history.finished(3);
    List<Row> rows = List.of(row(1, 1), row(2, 2), row(3, 1));
    assertThat(history.lostOrDoubled(rows)).isEmpty();
    assertThat(history.belowTheTimeline(rows)).isEmpty();
    assertThat(History.movedInTransaction(rows)).isEmpty();
  }

  @Test
  void acknowledged_lostOrStoredTwice_isFound() {
    history.told(1, 1, Told.OK, 1);
    assertThat(history.lostOrDoubled(List.of())).singleElement().asString().contains("0 times");
    assertThat(history.lostOrDoubled(List.of(row(1, 1), row(1, 1)))).hasSize(1);
  }

  @Test
  void nothingBegan_butStored_isFound() {
    history.told(1, 1, Told.NOTHING, 1);
    assertThat(history.lostOrDoubled(List.of(row(1, 1)))).hasSize(1);
  }

  @Test
  void unknown_storedTwice_isFound() {
    history.told(1, 1, Told.UNKNOWN, 1);
    assertThat(history.lostOrDoubled(List.of(row(1, 1), row(1, 1)))).hasSize(1);
  }

  @Test
  void id_storedByTwoAttempts_isFound() {
    history.told(1, 1, Told.UNKNOWN, 1);
    history.told(1, 2, Told.OK, 1);
    history.finished(1);
    assertThat(history.lostOrDoubled(List.of(row(1, 1), row(1, 2)))).hasSize(1);
  }

  @Test
  void row_belowTheKnownTimelineOrMoved_isFound() {
    history.told(1, 1, Told.OK, 2);
    assertThat(history.belowTheTimeline(List.of(row(1, 1)))).hasSize(1);
    assertThat(History.movedInTransaction(List.of(new Row(1, 1, 1, "a", "b")))).hasSize(1);
  }
}
