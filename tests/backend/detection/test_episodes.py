from plantwright.detection.charts.state import Episodes
from plantwright.detection.episodes import Episode, EpisodeRules
from plantwright.detection.findings import FindingKind

RULES = EpisodeRules(threshold=5.0, critical=10.0, confirm=3, clear_ms=60_000)


def fresh() -> Episode:
    return Episode.load(Episodes.empty(1), 0, 0)


def run(scores: dict[int, float], episode: Episode | None = None) -> dict[int, FindingKind]:
    """Scores by second; what was reported, by second."""
    episode = episode or fresh()
    told = {}
    for second, score in scores.items():
        kind = episode.observe(second * 1_000, score, score >= RULES.threshold, RULES)
        if kind is not None:
            told[second] = kind
        if kind is FindingKind.ENDED:
            episode.reset()
    return told


def test_only_violations_in_a_row_open_an_episode() -> None:
    assert run({0: 6, 1: 6, 2: 0, 3: 6, 4: 6, 5: 0}) == {}
    assert run({0: 6, 1: 0, 2: 6, 3: 6, 4: 6}) == {4: FindingKind.STARTED}


def test_the_start_is_the_first_violation_in_the_row() -> None:
    episode = fresh()
    run({0: 6, 1: 0, 2: 6, 3: 7, 4: 6}, episode)
    assert (episode.started, episode.count, episode.peak) == (2_000, 3, 7)


def test_a_long_episode_is_told_when_it_has_become_twice_as_old_and_then_hourly() -> None:
    told = run(dict.fromkeys(range(5 * 3_600), 6.0))
    assert list(told) == [2, 62, 124, 248, 496, 992, 1_984, 3_968, 7_568, 11_168, 14_768]
    assert set(list(told.values())[1:]) == {FindingKind.CONTINUED}


def test_a_day_of_violations_is_a_few_findings() -> None:
    assert len(run(dict.fromkeys(range(0, 86_400, 5), 6.0))) == 30


def test_a_peak_that_reaches_the_next_power_of_two_is_told_at_once() -> None:
    told = run({0: 5, 1: 5, 2: 5, 3: 7.9, 4: 8, 5: 9.9, 6: 7, 7: 9.8})
    assert told == {2: FindingKind.STARTED, 4: FindingKind.CONTINUED}


def test_a_score_without_bounds_is_told_a_bounded_number_of_times() -> None:
    told = run({second: 5 * 1.5**second for second in range(50)})
    assert len(told) <= 2 + 50 * 0.59


def test_it_is_the_same_in_whatever_pieces_it_is_observed() -> None:
    scores = {second: 6.0 + second % 7 for second in range(0, 4_000, 3)}
    episodes = Episodes.empty(1)
    told: dict[int, FindingKind] = {}
    for second, score in scores.items():
        episode = Episode.load(episodes, 0, 0)
        told |= run({second: score}, episode)
        episode.save(episodes, 0, 0)
    assert told == run(scores)


def test_rising_severity_is_told_at_once_and_once() -> None:
    told = run({0: 6, 1: 6, 2: 9, 3: 6, 4: 12, 5: 6, 6: 13})
    assert told == {2: FindingKind.STARTED, 4: FindingKind.CONTINUED}


def test_an_episode_may_start_critical() -> None:
    episode = fresh()
    assert run({0: 11, 1: 6, 2: 6, 3: 12}, episode) == {2: FindingKind.STARTED}
    assert episode.is_critical


def test_it_ends_with_the_first_calm_reading_after_the_clear_time() -> None:
    violations = {0: 6.0, 1: 6.0, 2: 6.0}
    assert run(violations | dict.fromkeys(range(3, 100), 0.0)) == {2: FindingKind.STARTED, 62: FindingKind.ENDED}
    assert run(violations | {600: 0.0}) == {2: FindingKind.STARTED, 600: FindingKind.ENDED}


def test_a_violation_in_between_keeps_it_open() -> None:
    told = run({0: 6, 1: 6, 2: 6, 30: 0, 50: 6, 80: 0, 109: 0, 110: 0, 111: 0})
    assert told == {2: FindingKind.STARTED, 110: FindingKind.ENDED}


def test_sparse_violations_are_one_episode() -> None:
    told = run(dict.fromkeys(range(0, 6_000, 600), 6.0))
    assert list(told.values()).count(FindingKind.STARTED) == 1
    assert FindingKind.ENDED not in told.values()


def test_cells_are_stored_apart() -> None:
    episodes = Episodes.empty(2)
    episode = Episode.load(episodes, 1, 2)
    run({0: 6, 1: 6, 2: 11}, episode)
    episode.save(episodes, 1, 2)
    assert Episode.load(episodes, 1, 2) == episode
    assert Episode.load(episodes, 1, 1) == Episode.load(episodes, 0, 2) == fresh()
