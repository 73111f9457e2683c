"""A small graph: who stands in a relation to whom; a chart like the others, with its table behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from zhike.ui.charts import Drawn, Row, linked
from zhike.ui.navigation import Words


@dataclass(frozen=True)
class Graph(Drawn):
    """Nodes, the first in the middle, and the edges between them."""

    node: Words  # what the nodes are
    edge: Words  # what the edges say
    labels: Sequence[Words]
    groups: Sequence[int]  # 1 is drawn as a circle, 2 as a box
    edges: Sequence[tuple[int, int, Words]]  # from, to, and what is said of them
    links: Sequence[str] = ()  # where each node leads
    notes: Sequence[str] = ()  # what the tip of each node says
    kind: str = field(default="graph", init=False)

    def head(self) -> list[Words]:
        """Titles of the table behind it."""
        return [self.node, self.edge, self.node]

    def rows(self) -> list[Row]:
        """The table behind it, with where its cells lead."""
        return [[self._node(start), {"text": said}, self._node(end)] for start, end, said in self.edges]

    def _node(self, place: int) -> dict[str, object]:
        return linked(self.labels[place], self.links[place] if self.links else "")
