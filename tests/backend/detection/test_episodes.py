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


def test_a_long_episode_is_told_once_a_minute() -> None:
    told = run(dict.fromkeys(range(600), 6.0))
    assert list(told) == [2, *range(62, 600, 60)]


def test_rising_severity_is_told_at_once_and_once() -> None:
    told = run({0: 6, 1: 6, 2: 6, 3: 6, 4: 12, 5: 6, 6: 13})
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
