"""The swap: whole or not there, and nothing left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from fctui.bundle import swap


def tree(path: Path, text: str) -> Path:
    path.mkdir(parents=True)
    (path / "f").write_text(text)
    return path


@pytest.mark.parametrize("exchange", [True, False])
def test_swap_replaces_and_leaves_only_the_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exchange: bool
) -> None:
    if not exchange:
        monkeypatch.setattr(swap, "_exchange", lambda _one, _other: False)
    output = tree(tmp_path / "bundle", "old")
    staging = swap.make_staging(output)
    (staging / "f").write_text("new")
    swap.swap_in(staging, output)
    assert (output / "f").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_the_first_bundle_needs_no_old_one(tmp_path: Path) -> None:
    output = tmp_path / "deep" / "bundle"
    staging = swap.make_staging(output)
    swap.swap_in(staging, output)
    assert output.is_dir()


def test_recover_puts_the_old_bundle_back_after_a_kill_between_two_renames(tmp_path: Path) -> None:
    output = tmp_path / "bundle"
    tree(tmp_path / f"{swap.staging_prefix(output)}replaced", "old")
    tree(tmp_path / f"{swap.staging_prefix(output)}abc", "half")
    swap.recover(output)
    assert (output / "f").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_recover_spares_neighbours_whose_names_are_alike(tmp_path: Path) -> None:
    output = tmp_path / "b[1]*"
    tree(tmp_path / ".b1x.fctui-keep", "mine")
    tree(tmp_path / f"{swap.staging_prefix(output)}abc", "half")
    swap.recover(output)
    assert [path.name for path in tmp_path.iterdir()] == [".b1x.fctui-keep"]
