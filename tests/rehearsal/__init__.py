"""Tests of the local Telegram; each rule names its source."""
