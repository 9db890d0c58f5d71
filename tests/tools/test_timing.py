"""The loop of the benchmarks: functions take turns, the first call of each is not timed."""

from timing import milliseconds


def test_functions_take_turns_and_the_first_call_is_not_timed():
    calls, seen = [], []

    def of(times):
        seen.append(len(times))
        return max(times)

    def busy():
        calls.append("b")
        sum(range(200_000))

    idle, spent = milliseconds(lambda: calls.append("a"), busy, runs=3, of=of)
    assert "".join(calls) == "ab" * 4
    assert seen == [3, 3]
    assert 0 <= idle < 1 < spent < 1000
