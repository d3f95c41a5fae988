"""SPIN listens: the bot, its rooms, and one way through them."""
