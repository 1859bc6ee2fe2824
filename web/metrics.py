"""Counters for monitoring: numbers only, never texts."""

from prometheus_client import Counter, Gauge, Histogram

TURN_SECONDS = Histogram(
    "hotline_turn_seconds",
    "Seconds from a citizen's message to the reply",
    buckets=(0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 4, 8),
)
DECISIONS = Counter("hotline_decisions_total", "Replies by decision", ["decision"])
FALLBACKS = Counter("hotline_fallbacks_total", "Turns answered without Rasa", ["reason"])
SEARCH_SECONDS = Histogram(
    "hotline_search_seconds",
    "Seconds that a search through the API took",
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1),
)
REVISION = Gauge("hotline_index_revision", "Revision that this process's index stands at")
BEHIND = Gauge("hotline_index_seconds_behind", "Seconds since the index stood at the feed's head")
ENTRIES = Gauge("hotline_index_entries", "Entries in the index")
