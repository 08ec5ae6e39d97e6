from plantwright.core.recently_used import RecentlyUsed


def test_keeps_what_is_used_and_forgets_the_rest() -> None:
    memory = RecentlyUsed[int, str](10)
    for number in range(100):
        memory.put(number, str(number))
        assert memory.get(0) == "0"
    assert memory.get(50) is None
    assert memory.get(99) == "99"


def test_a_new_value_replaces_the_old_one() -> None:
    memory = RecentlyUsed[str, int](4)
    memory.put("a", 1)
    memory.put("a", 2)
    assert memory.get("a") == 2
