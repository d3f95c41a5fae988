"""What fuzzing found."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Findings:
    """What went wrong, by error and place, with the number of the first case that did it."""

    done: int = 0
    errors: dict[str, list[int]] = field(default_factory=dict)

    def add(self, error: BaseException, number: int) -> None:
        """Count an error."""
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else ""
        self.note(f"{type(error).__name__} at {place}", number)

    def note(self, what: str, number: int) -> None:
        """Count something that should not be, though nothing was raised."""
        self.errors.setdefault(what, []).append(number)
