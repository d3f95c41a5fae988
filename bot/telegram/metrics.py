"""What is counted for Prometheus: kinds and states, never who (https://prometheus.io/docs/practices/naming/)."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

UPDATES = Counter("bot_updates_total", "Updates from Telegram that were new and are committed.")
TURNS = Histogram(
    "bot_turn_seconds",
    "One update or burst: from the moment it is taken up to its commit.",
    buckets=(0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10),
)
STUMBLES = Counter("bot_turn_failures_total", "Turns that failed and will be tried again.", ["aside"])
UNDERSTANDING = Histogram(
    "bot_understanding_seconds",
    "Understanding one message, Rasa's HTTP included.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
SENDS = Counter("bot_sends_total", "Calls to Telegram that are finished, by how they ended.", ["state"])
ALARMS = Counter("bot_alarms_total", "Alarms raised, by kind.", ["alarm"])
VOICES = Counter("bot_voices_total", "Voice messages listened to, by whether words were made out.", ["heard"])
