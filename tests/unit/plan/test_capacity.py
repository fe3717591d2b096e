"""What one job is given: parts of files by count and length, and settings that are too long for a command."""

import json
import random
from pathlib import Path

import pytest

from attnexplain.plan.capacity import ARGUMENT, FILES, INPUTS, PATHS, SETTINGS, divided, fits, short


def files(n: int, length: int = 20) -> list[str]:
    return [f"{number:0{length}d}" for number in range(n)]


def each(paths: list[str]) -> dict[str, list[str]]:
    return {path: [path] for path in paths}


def test_what_fits_leaves_place_for_what_else_a_job_is_given() -> None:
    assert INPUTS == 1000 and ARGUMENT == 128 * 1024
    assert FILES <= INPUTS - 100 and PATHS + SETTINGS <= ARGUMENT - 16 * 1024


def test_files_fit_by_their_number_and_by_the_length_of_their_paths() -> None:
    assert fits(files(FILES)) and not fits(files(FILES + 1))
    wide = PATHS // 500  # paths of 499 characters and a space
    assert wide < FILES and fits(files(wide, 499)) and not fits(files(wide + 1, 499))
    assert not fits([name + "'" for name in files(wide, 498)])  # as the shell has them, which is longer


def test_what_fits_is_one_part() -> None:
    assert divided(each(files(FILES))) == {"": files(FILES)}
    assert divided({}) == {"": []}


@pytest.mark.parametrize("n", [FILES + 1, 5000])
def test_parts_fit_and_have_everything_once(n: int) -> None:
    found = divided(each(files(n)))
    assert len(found) > 1 and all(fits(part) and part for part in found.values())
    assert sorted(path for part in found.values() for path in part) == files(n)
    assert not any(a != b and b.startswith(a) for a in found for b in found)


def test_the_order_of_names_decides_nothing() -> None:
    shuffled = random.Random(1).sample(files(3000), 3000)
    parts = [divided(each(names)) for names in (files(3000), shuffled)]
    assert {bits: sorted(part) for bits, part in parts[0].items()} == {
        bits: sorted(part) for bits, part in parts[1].items()
    }


def test_what_is_added_changes_the_part_that_it_falls_into_and_no_other() -> None:
    before, after = divided(each(files(3000))), divided(each(files(3001)))
    changed = [bits for bits in before if before[bits] != after.get(bits)]
    assert len(changed) == 1
    assert all(bits.startswith(changed[0]) for bits in after if after[bits] != before.get(bits))


def test_names_stay_whole_and_one_with_too_many_files_is_a_part_by_itself() -> None:
    few, many = {f"cell-{number}": files(100, number + 10) for number in range(30)}, files(2 * FILES)
    found = divided({**few, "great": many})
    assert sorted(name for part in found.values() for name in part) == sorted([*few, "great"])
    assert ["great"] in found.values()
    assert all(fits(path for name in part for path in few[name]) for part in found.values() if "great" not in part)


def test_short_settings_are_given_as_they_are_and_long_ones_as_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert short(lambda wildcards: f'{{"of": "{wildcards}"}}')("sst") == '{"of": "sst"}'
    assert not any(tmp_path.iterdir())
    settings = [json.dumps({"missing": [number] * SETTINGS}) for number in (1, 2)]
    given = [short(lambda wildcards, text=text: text)(None) for text in (*settings, settings[0])]
    assert given[0] == given[2] != given[1]
    assert [Path(path).read_text(encoding="utf-8") for path in given[:2]] == settings
    assert len(list(Path(given[0]).parent.iterdir())) == 2
