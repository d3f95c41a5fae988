"""Rasa's own HTTP API (`rasa run --enable-api`), started so that it is silent, alone and mortal.

usage: python serve.py MODEL.tar.gz PORT [HOST]      with standard input held open by the parent

The application is `rasa.server.create_app`, unchanged; this file leaves out the command line around it (chat
channels, trackers of conversations, training over HTTP), closes every route but the three that are needed, and keeps
the messages out of the logs.
"""

from __future__ import annotations

import gc
import os
import sys

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from hush import hush

OPEN_ROUTES = {("GET", "/"), ("GET", "/version"), ("GET", "/status"), ("POST", "/model/parse")}


def main(model: str, port: int, host: str = "127.0.0.1") -> None:
    """Load the model, then listen; the port opens only when the model answers."""
    hush()
    import rasa.core.agent
    import rasa.server
    from quick import quicken
    from sanic import Sanic
    from sanic.request import Request
    from sanic.response import HTTPResponse, json

    quicken()
    app: Sanic = rasa.server.create_app(cors_origins=None)
    app.config.ACCESS_LOG = False
    app.config.REQUEST_MAX_SIZE = 100_000
    app.config.KEEP_ALIVE_TIMEOUT = 600

    @app.middleware("request")
    async def only_what_is_needed(request: Request) -> HTTPResponse | None:
        return (
            None if (request.method, request.path) in OPEN_ROUTES else json({"error": "closed"}, status=404)
        )

    @app.listener("before_server_start")
    async def load(app: Sanic, _: object) -> None:
        app.ctx.agent = await rasa.core.agent.load_agent(model_path=model)
        if not app.ctx.agent.is_ready():
            sys.exit("the model could not be loaded")
        await app.ctx.agent.parse_message("<nessuna> buongiorno")
        gc.freeze()  # all this stays: the collector need not go through it in the middle of a message

    hush()
    app.run(host=host, port=port, workers=1, access_log=False, motd=False)


if __name__ == "__main__":
    from leash import hold

    hold()
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:4])
