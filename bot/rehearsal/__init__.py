"""The local Telegram: a Bot API server with people's phones beside it, for the demo, rehearsals and tests.

May import: nothing of ours (Starlette, uvicorn, httpx and tdjson from outside).
Must never know: the product; it knows the Bot API and people tapping on telephones, nothing else.
"""
