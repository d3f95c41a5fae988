"""Trains the model with Rasa's own `train_nlu`.

usage: python train.py CONFIG.yml EXAMPLES_FOLDER OUT_FOLDER NAME      with standard input held open by the parent
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("RASA_MAX_CACHE_SIZE", "0")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def main(config: str, examples: str, out: str, name: str) -> None:
    """Write OUT_FOLDER/NAME.tar.gz, or exit 1 with Rasa's reason on standard error."""
    import logging
    import warnings

    warnings.simplefilter("ignore", DeprecationWarning)
    import structlog
    from rasa.model_training import train_nlu
    from rasa.shared.exceptions import RasaException

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        model = train_nlu(config, examples, out, fixed_model_name=name)
    except RasaException as problem:
        sys.exit(str(problem))
    if model is None:
        sys.exit("no examples to train on")


if __name__ == "__main__":
    from leash import hold

    hold()
    main(*sys.argv[1:5])
