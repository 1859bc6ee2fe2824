"""Figures, verdicts, reports; runs that are kept and compared."""

import re
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import select, text

from embeddings.index import Decision, Hit, Ranking
from knowledge import clock
from knowledge.audit.models import AuditRecord
from knowledge.database import Database
from knowledge.database.migrate import downgrade, upgrade
from knowledge.departments.service import departments
from knowledge.errors import ConflictError, ContentError, NotAllowedError, NotFoundError
from knowledge.evaluation import history
from knowledge.evaluation.account import Account, account_of, difference
from knowledge.evaluation.calibration import reliability
from knowledge.evaluation.cases import Case, Corpus
from knowledge.evaluation.comparison import compare
from knowledge.evaluation.history import State, Subject
from knowledge.evaluation.result import Result, Verdict, result_of
from knowledge.evaluation.service import Outcome, report
from knowledge.evaluation.workbook import write_account, write_difference
from knowledge.people.actor import Actor, Role, system
from tests.knowledge.questions import METRICS, finished, result

MANAGER = Actor(1, "陈管理", None, frozenset({Role.MANAGER}))
CORPUS = Corpus([], {1: "card", 2: "bus", 3: "fire"})


def outcome(decision: Decision, *names: str, gold: str = "", also: str = "") -> Outcome:
    """Return the outcome of a question; it is out of scope where no `gold` is given."""
    hits = tuple(Hit(at, 0.9 / at, "") for at in range(1, len(names) + 1))
    case = Case("问", frozenset(gold.split()), frozenset(also.split()), outside=not gold)
    return Outcome(case, Ranking(hits, decision, 0.5), names, 1.0)


@pytest.mark.parametrize(
    ("found", "verdict", "rank"),
    [
        (outcome(Decision.ANSWER, "a", "b", gold="a"), Verdict.HIT, 1),
        (outcome(Decision.ANSWER, "b", "a", gold="a", also="b"), Verdict.HIT, 1),
        (outcome(Decision.ANSWER, "b", "a", gold="a"), Verdict.WRONG, 2),
        (outcome(Decision.CLARIFY, *"bcdea", gold="a"), Verdict.LISTED, 5),
        (outcome(Decision.CLARIFY, *"bcdefa", gold="a"), Verdict.MISSED, 6),
        (outcome(Decision.NO_ANSWER, "a", gold="a"), Verdict.MISSED, 1),
        (outcome(Decision.NO_ANSWER, gold="a"), Verdict.MISSED, None),
        (outcome(Decision.NO_ANSWER, "a"), Verdict.REFUSED, None),
        (outcome(Decision.ANSWER, "a"), Verdict.MISTAKEN, None),
        (outcome(Decision.CLARIFY, "a"), Verdict.MISTAKEN, None),
    ],
)
def test_each_way_to_end_has_its_word(found: Outcome, verdict: Verdict, rank: int | None) -> None:
    told = result_of(found, CORPUS)
    assert (told.verdict, told.rank) == (verdict, rank)
    assert Result.from_json(told.as_json()) == told


def test_the_calibration_error_is_the_weighted_gap_of_ten_bins() -> None:
    found = reliability([(0.95, True), (1.0, True), (0.95, False), (0.02, False), (0.1, True)])
    last, first, second = found["bins"][9], found["bins"][0], found["bins"][1]
    assert len(found["bins"]) == 10
    assert last == {"from": 0.9, "to": 1.0, "count": 3, "probability": 0.9667, "right": 0.6667}
    assert (first["count"], first["right"]) == (1, 0.0)
    assert (second["count"], second["probability"], second["right"]) == (1, 0.1, 1.0)
    assert found["bins"][5]["probability"] is None
    assert found["ece"] == pytest.approx((3 * 0.3 + 0.02 + 0.9) / 5, abs=0.0001)
    assert reliability([])["ece"] is None


def test_figures_count_what_they_always_did_and_calibration_is_added() -> None:
    asked = [
        outcome(Decision.ANSWER, "a", gold="a"),
        outcome(Decision.CLARIFY, "b", "a", gold="a", also="b"),
    ]
    told = report(CORPUS, asked, [outcome(Decision.NO_ANSWER, "a")])
    assert (told["recall_at_1"], told["lenient_at_1"], told["mrr_at_10"]) == (0.5, 1.0, 0.75)
    assert list(told)[-1] == "calibration"
    assert told["calibration"]["bins"][9] == {
        "from": 0.9, "to": 1.0, "count": 3, "probability": 0.9, "right": 0.6667,
    }  # fmt: skip
    only_outside = report(CORPUS, [], [outcome(Decision.NO_ANSWER, "a")])
    assert only_outside["lenient_at_1"] is None
    assert only_outside["recall_at_1"] is None
    assert only_outside["out_of_scope"]["auroc"] is None


def test_what_was_won_and_lost_question_by_question() -> None:
    before = [
        result("甲？", Verdict.WRONG), result("乙", Verdict.HIT), result("丙", Verdict.HIT),
        result("丁", Verdict.REFUSED), result("戊", Verdict.HIT), result("己", Verdict.HIT),
        result("重复", Verdict.HIT), result("重复", Verdict.WRONG), result("庚", Verdict.HIT),
    ]  # fmt: skip
    after = [
        result("甲", Verdict.HIT), result("乙", Verdict.LISTED), result("丙", Verdict.HIT),
        result("丁", Verdict.MISTAKEN), result("戊", Verdict.REFUSED),
        result("重复", Verdict.HIT), result("重复", Verdict.HIT), result("辛", Verdict.HIT),
        result("庚", Verdict.WRONG, "bus"),
    ]  # fmt: skip
    found = compare(before, after)
    assert {pair.after.text for pair in found.won} == {"甲", "重复"}
    assert [pair.after.text for pair in found.lost] == ["乙", "丁"]
    assert {pair.after.text for pair in found.altered} == {"戊", "庚"}
    assert [one.text for one in found.only_before] == ["己"]
    assert [one.text for one in found.only_after] == ["辛"]
    assert found.same == 2


def test_a_report_in_excel_holds_no_formula_and_no_control_character(tmp_path: Path) -> None:
    nasty = [result(text, Verdict.WRONG) for text in ("=1+1", "@SUM(A1)", "_x000D_", "a\x0bb")]
    path = tmp_path / "a.xlsx"
    write_account(path, Account("=标题", (("文件", "=a.xlsx"),), METRICS, tuple(nasty)))
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["指标", "逐题结果"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s", "n"}
    rows = list(book["逐题结果"].iter_rows(min_row=2, values_only=True))
    assert [row[1] for row in rows] == ["=1+1", "@SUM(A1)", "_x005F_x000D_", "ab"]
    assert rows[0][2:] == (
        "怎么办老年证？ [card]", "发生火灾打什么电话？", "fire", 0.91, "不在前 10 名",
        "直接回答", "答错",
    )  # fmt: skip
    assert book["逐题结果"]["B2"].quotePrefix
    told = {row[0]: row[1] for row in book["指标"].iter_rows(values_only=True)}
    assert told["第一条就对"] == "50.0%"
    assert told["概率的平均误差"] == "10.0%"


def kept(database: Database, *results: Result, name: str = "") -> int:
    with database.write() as session:
        subject = Subject("问题.xlsx", len(results), ("e5",), 7, name)
        return history.keep(session, MANAGER, subject, finished(*results)).id


def test_runs_are_kept_named_listed_and_compared(database: Database, tmp_path: Path) -> None:
    first = kept(database, result("甲", Verdict.WRONG))
    second = kept(database, result("甲", Verdict.HIT), name="改写后")
    with database.read() as session:
        listed = history.evaluations(session, MANAGER)
        assert [one.name for one in listed] == ["改写后", "问题.xlsx"]
        newest = history.evaluation(session, MANAGER, "last")
        assert (newest.id, newest.revision, newest.metrics) == (second, 7, METRICS)
        assert account_of(newest).results == (result("甲", Verdict.HIT),)
        told = difference(history.evaluation(session, MANAGER, str(first)), newest)
        actions = [one.action for one in session.scalars(select(AuditRecord))]
    assert actions == ["evaluation_kept"] * 2
    assert [pair.after.text for pair in told.comparison.won] == ["甲"]
    path = tmp_path / "c.xlsx"
    write_difference(path, told)
    rows = list(openpyxl.load_workbook(path)["得失"].iter_rows(min_row=2, values_only=True))
    assert rows[0][:5] == ("变好", "甲", "怎么办老年证？ [card]", "答错", "命中")


def test_who_may_not_evaluate_sees_and_keeps_nothing(database: Database) -> None:
    number = kept(database, result("甲", Verdict.HIT))
    subject = Subject("a.csv", 1, (), 1)
    for role in (Role.EDITOR, Role.REVIEWER, Role.OPERATOR):
        clerk = Actor(2, "别人", 1, frozenset({role}))
        with database.write() as session:
            for attempt in (
                lambda s=session, c=clerk: history.evaluations(s, c),
                lambda s=session, c=clerk: history.evaluation(s, c, number),
                lambda s=session, c=clerk: history.begin(s, c, subject),
                lambda s=session, c=clerk: history.keep(s, c, subject, finished()),
            ):
                with pytest.raises(NotAllowedError):
                    attempt()
    with database.read() as session:
        assert len(history.evaluations(session, system())) == 1


def test_one_at_a_time_and_a_silent_one_counts_as_interrupted(database: Database) -> None:
    subject = Subject("a.csv", 3, (), 1)
    with database.write() as session:
        first = history.begin(session, MANAGER, subject)
        assert history.state_of(first) is State.RUNNING
    with pytest.raises(ConflictError, match="已有一次评测"), database.write() as session:
        history.begin(session, MANAGER, subject)
    with database.write() as session:
        history.beat(session, first.id, 2)
    later = clock.now() + history.SILENT + timedelta(seconds=1)
    with clock.frozen(lambda: later):
        with database.read() as session:
            silent = history.evaluation(session, MANAGER, first.id)
            assert history.state_of(silent) is State.INTERRUPTED
            assert (silent.done, silent.results) == (2, None)
            with pytest.raises(ConflictError, match="没有结果（中断）"):
                account_of(silent)
            with pytest.raises(NotFoundError, match="没有完成的评测"):
                history.evaluation(session, MANAGER, "last")
        with database.write() as session:
            second = history.begin(session, MANAGER, subject).id
    with database.write() as session:  # the first one wakes up again: too late
        history.finish(session, first.id, finished(result("甲", Verdict.HIT)))
        history.finish(session, second, finished(result("甲", Verdict.HIT)))
    with database.read() as session:
        states = [one.state for one in history.evaluations(session, MANAGER)]
    assert states == ["done", "interrupted"]


@pytest.mark.parametrize("wanted", ["0", "99", "-1", "x", "1e3", "9" * 12, "²"])
def test_a_number_that_there_is_not_is_told(database: Database, wanted: str) -> None:
    with database.read() as session, pytest.raises(NotFoundError, match=re.escape(wanted)):
        history.evaluation(session, MANAGER, wanted)


def test_names_have_an_end(database: Database) -> None:
    with pytest.raises(ContentError, match="101 个字"):
        kept(database, result("甲", Verdict.HIT), name="长" * 101)


def test_a_base_of_the_release_before_gets_the_table_and_loses_nothing(database: Database) -> None:
    downgrade(database, "0001")
    with database.write() as session:  # in the words of that release
        session.execute(
            text("INSERT INTO departments (code, name, kind) VALUES ('a', '甲局', 'bureau')")
        )
    upgrade(database)
    number = kept(database, result("甲", Verdict.HIT))
    with database.read() as session:
        assert [one.name for one in departments(session)] == ["甲局"]
        assert history.evaluation(session, MANAGER, number).revision == 7


def test_five_thousand_results_are_kept_and_no_more(database: Database) -> None:
    many = [result(f"第{number}题", Verdict.HIT, row=number) for number in range(5_001)]
    number = kept(database, *many)
    with database.read() as session:
        told = account_of(history.evaluation(session, MANAGER, number))
    assert [one.row for one in told.results] == list(range(5_000))
    assert ("注意", "共 5001 题，只记下了前 5000 题的逐题结果") in told.facts
