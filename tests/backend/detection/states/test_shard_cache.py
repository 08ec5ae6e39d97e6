from plantwright.detection.states.shard_cache import ShardCache


def test_a_value_is_given_only_to_whoever_names_its_version() -> None:
    cache = ShardCache(100)
    cache.put("a", 1, "first", 10)
    assert cache.get("a", 1) == "first"
    assert cache.get("a", 2) is None
    assert cache.get("b", 1) is None
    cache.put("a", 2, "second", 20)
    assert cache.get("a", 1) is None
    assert (cache.get("a", 2), cache.nbytes) == ("second", 20)


def test_what_was_not_asked_for_the_longest_goes_first() -> None:
    cache = ShardCache(100)
    for key in "abc":
        cache.put(key, 1, key, 30)
    assert cache.get("a", 1) == "a"
    cache.put("d", 1, "d", 30)
    assert [key for key in "abcd" if cache.get(key, 1)] == ["a", "c", "d"]
    assert cache.nbytes == 90


def test_memory_is_bounded() -> None:
    cache = ShardCache(100)
    cache.put("large", 1, "x", 101)
    assert (len(cache), cache.nbytes) == (0, 0)
    for number in range(1_000):
        cache.put(number, 1, number, 7)
        assert cache.nbytes <= 100
    cache.put(999, 2, "grown", 101)
    assert cache.get(999, 1) is None
