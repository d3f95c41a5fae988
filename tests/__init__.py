"""The tests mirror bot/: each room is tested under its own name."""
