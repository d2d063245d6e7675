"""Trees as text: each subtree once, cycles end, nothing of a name reaches the terminal raw."""

from __future__ import annotations

from fctui.model.package import Package, Resolution, Root
from fctui.present.tree import REPEATED, tree_lines, tree_rows


def resolution(edges: dict[str, tuple[str, ...]], *roots: str) -> Resolution:
    return Resolution(
        manager="pip",
        target="debian12",
        roots=tuple(Root(id_, id_) for id_ in roots),
        packages={
            id_: Package(manager="pip", id=id_, name=id_, version="1", requires=requires)
            for id_, requires in edges.items()
        },
    )


DIAMOND = {"top": ("left", "right"), "left": ("base",), "right": ("base",), "base": ("leaf",)}


def test_a_subtree_is_spelled_out_once() -> None:
    graph = resolution({**DIAMOND, "leaf": ()}, "top")
    rows = list(tree_rows(graph, {}))
    assert [(row.depth, row.id, row.repeated) for row in rows] == [
        (0, "top", False),
        (1, "left", False),
        (2, "base", False),
        (3, "leaf", False),
        (1, "right", False),
        (2, "base", True),
    ]


def test_sizes_count_each_package_once() -> None:
    graph = resolution({**DIAMOND, "leaf": ()}, "top")
    sizes = {"top": 1, "left": 10, "right": 100, "base": 1000, "leaf": 10_000}
    rows = {row.id: row for row in tree_rows(graph, sizes)}
    assert (rows["top"].own, rows["top"].total) == (1, 11_111)
    assert (rows["left"].own, rows["left"].total) == (10, 11_010)
    assert rows["base"].needed_by == 2


def test_a_size_that_is_not_known_is_none() -> None:
    (row,) = tree_rows(resolution({"top": ()}, "top"), {})
    assert (row.own, row.total) == (None, None)


def test_cycles_end() -> None:
    graph = resolution({"a": ("b",), "b": ("a",)}, "a", "b")
    assert [row.id for row in tree_rows(graph, {})] == ["a", "b", "a", "b"]


def test_depth_cuts() -> None:
    graph = resolution({**DIAMOND, "leaf": ()}, "top")
    assert [row.id for row in tree_rows(graph, {}, 0)] == ["top"]
    assert [row.id for row in tree_rows(graph, {}, 1)] == ["top", "left", "right"]


def test_requirements_that_are_not_in_the_graph_are_left_out() -> None:
    graph = resolution({"top": ("gone",)}, "top", "lost")
    assert [row.id for row in tree_rows(graph, {})] == ["top"]


def test_lines_are_drawn_and_aligned() -> None:
    graph = resolution({**DIAMOND, "leaf": ()}, "top")
    lines = tree_lines(graph, dict.fromkeys(DIAMOND, 1000))
    assert [line[:17].rstrip() for line in lines] == [
        "top 1",
        "├─ left 1",
        "│  └─ base 1",
        "│     └─ leaf 1",
        "└─ right 1",
        "   └─ base 1",
    ]
    assert len({len(line) for line in lines}) == 1
    assert lines[-1].endswith(REPEATED)
    assert "×2" in lines[-1]


def test_a_deep_chain_needs_no_recursion() -> None:
    edges = {f"p{n}": (f"p{n + 1}",) for n in range(1500)}
    rows = list(tree_rows(resolution({**edges, "p1500": ()}, "p0"), {}))
    assert rows[-1].depth == 1500


def test_escapes_in_names_do_not_get_through() -> None:
    name = "evil\x1b[31m\u202e"
    graph = Resolution(
        manager="npm",
        target="debian12",
        roots=(Root("x", "x"),),
        packages={"x": Package(manager="npm", id="x", name=name, version="1\x07")},
    )
    assert tree_lines(graph, {})[0].startswith("evil 1 ")


def test_names_are_cut_to_the_terminal_and_figures_are_not() -> None:
    graph = resolution(
        {"a-very-long-name-of-a-package" * 3: ()}, "a-very-long-name-of-a-package" * 3
    )
    sizes = dict.fromkeys(graph.packages, 21_900_000)
    (line,) = tree_lines(graph, sizes, columns=60)
    assert len(line) == 60
    assert "…" in line
    assert line.endswith("21.9 M    21.9 M")
    assert len(tree_lines(graph, sizes)[0]) > 60
