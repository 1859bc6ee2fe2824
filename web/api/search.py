"""Search and type-ahead."""

from flask_login import current_user

from knowledge.corrections.lists import under_review
from knowledge.entries.cards import cards
from knowledge.privacy.redaction import redact
from knowledge.queries.service import log_query, most_asked
from web import limits, metrics
from web.access import everyone
from web.api.operations import Operation, blueprint, operation, query
from web.api.schemas import Result, SearchAnswer, SearchQuery, Suggested, Suggestions, SuggestQuery
from web.cards import result_of
from web.problems import ProblemError
from web.services import services

FREQUENT = 6


@blueprint.get("/search")
@everyone
@limits.searches_of_address
@operation(Operation("检索知识库", SearchAnswer, query=SearchQuery))
def search() -> SearchAnswer:
    """Rank the entries in service for a question."""
    wanted = query(SearchQuery)
    text = redact(wanted.q).text.strip()
    if not text:
        raise ProblemError(422, "q：请写下要检索的问题", {"q": "请写下要检索的问题"})
    held = services()
    _require_index()
    with metrics.SEARCH_SECONDS.time():
        result = held.search.search(text, wanted.limit)
        with held.database.read() as session:
            found = cards(session, [hit.entry_id for hit in result.hits])
            doubted = under_review(session, list(found)) if current_user.is_authenticated else None
    with held.database.write() as session:
        log_query(session, "api", text, result)
    return SearchAnswer(
        query=text,
        decision=result.decision.value,
        results=[
            Result.model_validate(
                result_of(found[hit.entry_id], hit.matched_phrasing, hit.score)
                | {"under_review": None if doubted is None else hit.entry_id in doubted}
            )
            for hit in result.hits
            if hit.entry_id in found
        ],
        took_ms=result.took_ms,
    )


@blueprint.get("/suggest")
@everyone
@limits.searches_of_address
@operation(Operation("输入联想", Suggestions, query=SuggestQuery))
def suggest() -> Suggestions:
    """Return questions for what is being typed."""
    wanted = query(SuggestQuery)
    _require_index()
    search = services().search
    found = search.suggest(wanted.q, wanted.limit)
    listed = [(search.replica.catalogue.get(item.id), item.text) for item in found]
    return Suggestions(
        suggestions=[
            Suggested(entry_id=listing.code, question=text) for listing, text in listed if listing
        ]
    )


@blueprint.get("/frequent")
@everyone
@limits.searches_of_address
@operation(Operation("大家常问", Suggestions))
def frequent() -> Suggestions:
    """Return the questions most asked."""
    return Suggestions(
        suggestions=[
            Suggested(entry_id=code, question=question) for code, question in frequent_questions()
        ]
    )


def frequent_questions() -> list[tuple[str, str]]:
    """Return code and question of the entries most asked, in service now."""
    with services().database.read() as session:
        wanted = most_asked(session, FREQUENT * 2)
        found = cards(session, wanted)
    kept = [found[entry_id] for entry_id in wanted if entry_id in found]
    return [(card.code, card.question) for card in kept[:FREQUENT]]


def _require_index() -> None:
    if not services().search.ready:
        raise ProblemError(503, "知识库正在载入，请几秒后再试")
