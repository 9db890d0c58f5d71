"""What is measured of a network that no label has seen."""

from dla.chapters.melody import unlabelled_study as s


def test_means_are_over_the_parts_that_are_given_too(monkeypatch):
    few = s.corpus("validation")[:2]
    monkeypatch.setattr(s, "corpus", lambda side: few)
    monkeypatch.setattr(s, "calibrate", lambda model: 0.0)
    monkeypatch.setattr(s, "unlabelled_loss", lambda model: 1.5)
    monkeypatch.setattr(s, "mean_entropy", lambda model, side: 2.5)
    table = s.accuracies(s.network(0), "validation", 6.0)[:2]
    monkeypatch.setattr(s, "accuracies", lambda *a, draw=0: table)
    values = s.measured(s.network(0))
    for name in ("pitch", "chroma"):
        each = [values[f"{name}: {p.name}, {p.part}"] for p in few]
        assert abs(values[f"raw {name} accuracy"] - sum(each) / 2) < 1e-3
    assert values["loss without labels"] == 1.5


def test_seeds_start_differently():
    one, other = (next(s.network(k).parameters()) for k in (0, 1))
    assert (one != other).any()
