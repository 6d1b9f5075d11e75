"""Statements that every validation sends: compiled by SQLAlchemy once, and then handed to the driver as they are.

What SQLAlchemy does between a statement and a cursor costs more than the database's own work, and comes out the same
each time. Tables, dialects, types and the pool stay its own; only the way of a known statement is shorter.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Dialect, Select
from sqlalchemy.sql.dml import ReturningInsert

Statement = Select[*tuple[Any, ...]] | ReturningInsert[Any]


class Prepared:
    """A statement whose named ``bindparam``s are its parameters, each a text. ``of`` is the statement, or makes it for
    the name of a dialect, where the dialects have constructs of their own.
    """

    def __init__(self, of: Statement | Callable[[str], Statement]) -> None:
        self._of = of
        self._compiled: dict[str, Compiled] = {}

    def compiled(self, dialect: Dialect) -> "Compiled":
        """What to hand to the driver of ``dialect``."""
        found = self._compiled.get(dialect.name)
        if found is None:
            statement = self._of(dialect.name) if callable(self._of) else self._of
            found = self._compiled[dialect.name] = Compiled(statement, dialect)
        return found


class Compiled:
    """SQL for one driver, and what its values go through on their way back."""

    def __init__(self, statement: Statement, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        self.sql: str = compiled.string
        self.writes = not isinstance(statement, Select)
        self._order: Sequence[str] | None = compiled.positiontup
        self._fixed: dict[str, Any] = {
            name: bound.value for bound, name in compiled.bind_names.items() if not bound.required
        }
        types = [column.type.dialect_impl(dialect) for column in statement.exported_columns]
        processors = [kind.result_processor(dialect, None) for kind in types]
        self._processors = [(place, process) for place, process in enumerate(processors) if process]

    def arguments(self, parameters: Mapping[str, str]) -> Any:  # noqa: ANN401 - by place or by name, as the driver wants
        """``parameters`` as the driver takes them."""
        named = {**self._fixed, **parameters} if self._fixed else parameters
        return named if self._order is None else [named[name] for name in self._order]

    def values(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Rows as the driver gave them, their values as the columns' types say."""
        if not self._processors:
            return rows
        return [self._row(row) for row in rows]

    def _row(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(row)
        for place, process in self._processors:
            values[place] = process(values[place])
        return tuple(values)
