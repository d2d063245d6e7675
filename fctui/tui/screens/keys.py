"""The keys of the main screen: the table that footer, help and palette are made of."""

from __future__ import annotations

from textual.binding import Binding

MANAGERS = ("pip", "apt", "npm", "maven")
"""The panes that have a package manager behind them."""

PANES = (*MANAGERS, "bundle", "checks")
"""The panes in the order of their keys, 1 to 6."""


def _key(
    key: str,
    action: str,
    description: str,
    tooltip: str,
    *,
    show: bool = True,
    shown_as: str | None = None,
) -> Binding:
    name = action.partition("(")[0].replace("_", "-")
    argument = action.partition("(")[2].strip("')")
    name = name.removeprefix("app.")
    id_ = f"{name}-{argument}" if argument else name
    return Binding(
        key, action, description, show=show, key_display=shown_as, tooltip=tooltip, id=id_
    )


KEYS = (
    _key("b", "build", "build", "Fetch everything and make the bundle"),
    _key("m", "choose_method", "method", "Compare the four pip methods, and choose one"),
    _key("t", "choose_target", "target", "Choose the runtime to resolve for"),
    _key("ctrl+o", "go_to_function", "function", "Go to another function here", show=False),
    _key("slash", "filter", "filter", "Filter by name; >5M and <100k by size", shown_as="/"),
    _key("i", "invert", "invert", "Turn the tree around: who needs this"),
    _key("a", "add", "add", "Add a requirement to the project's file"),
    _key("d", "remove", "drop", "Remove a requirement from its file"),
    _key("u", "undo", "undo", "Undo the last change of a dependency file", show=False),
    _key("l", "log", "log", "Show the log in half of the screen, or hide it"),
    _key("c,x", "cancel", "stop", "Stop what runs here, or else everything", shown_as="c"),
    _key("r,B", "refresh", "refresh", "Resolve this pane again, from the registries", shown_as="r"),
    _key("e,asterisk", "expand_all", "all", "Open everything, or close it again", shown_as="e"),
    _key("o", "order", "order", "Order by size, or as declared; of the bundle, by count too"),
    _key("w", "look", "view", "Files as tree, map, largest, twice, changes", show=False),
    _key("s", "sum_by", "sum", "Sum by directory, package, manager, kind", show=False),
    _key("n", "without", "without", "Limits as if this package were not there", show=False),
    _key("N", "what_if", "what if", "Limits with another version, sibling or method", show=False),
    _key("f", "trace", "trace", "Where this file is from, its place in each method", show=False),
    _key("F", "which", "who", "Who brings an import name or a file", show=False),
    _key("z", "pack", "pack", "Pack the bundle as a zip, or with layers", show=False),
    _key("P", "prune", "prune", "What is left out of the bundle, rule by rule", show=False),
    _key("U", "outdated", "outdated", "What would change if all were resolved afresh", show=False),
    _key("v", "verify", "verify", "Import, load and start everything in a stand-in", show=False),
    _key("A", "audit", "audit", "Ask which vulnerabilities are known", show=False),
    _key("y", "cure", "cure", "Add what cures the finding here, and build again", show=False),
    _key("Y", "cure_all", "cure all", "Add what cures every finding, and build", show=False),
    _key("p", "go_to_package", "package", "Go to the package of a finding", show=False),
    _key("1", "pane('pip')", "pip", "The Python packages", show=False),
    _key("2", "pane('apt')", "apt", "The Debian packages", show=False),
    _key("3", "pane('npm')", "npm", "The Node packages", show=False),
    _key("4", "pane('maven')", "maven", "The Java packages", show=False),
    _key("5", "pane('bundle')", "bundle", "Every file that the bundle will have", show=False),
    _key("6", "pane('checks')", "checks", "What is wrong, or worth knowing", show=False),
    _key("tab", "step_pane(1)", "next pane", "The next pane", show=False),
    _key("shift+tab", "step_pane(-1)", "previous pane", "The pane before", show=False),
    _key("escape", "back", "back", "Clear the filter; back to the list", show=False),
    _key("question_mark", "help", "help", "All keys and what they do", shown_as="?"),
    _key("q", "app.quit", "quit", "Stop everything that runs, then leave"),
)  # fmt: skip
