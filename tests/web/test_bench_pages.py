"""`hotline bench --pages` opens every page of the staff over a base that it made."""

import pytest

from web.cli.bench import pages


@pytest.mark.timeout(600)
def test_every_page_opens_over_a_made_base_and_has_its_figures() -> None:
    found = pages.measure(size=120, times=1)
    assert set(found["pages"]) == {name for _, name, _ in pages.PAGES}
    assert all(one["ms"] > 0 for one in found["pages"].values())
    assert "医保" in pages.table(found)


def test_the_ratio_is_to_the_health_page_at_its_side() -> None:
    found = pages.summary({"a": (20.0, 2.0), "b": (9.0, 3.0), "c": (44.0, 2.0)})
    assert [one["ratio"] for one in found["pages"].values()] == [10.0, 3.0, 22.0]
    assert (found["median_ratio"], found["worst_ratio"]) == (10.0, 22.0)
    assert "✗" in pages.table(found)
