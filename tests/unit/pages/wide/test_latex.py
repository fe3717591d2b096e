"""LaTeX that a bare `booktabs` document takes: read back by a small parser of what may stand there."""

import re

import pytest

from attnexplain.figures.style import Style
from attnexplain.pages.wide.latex import HELD, LINES, document, escaped
from attnexplain.pages.wide.measures import wide
from attnexplain.pages.wide.sections import blocks, marks_of
from attnexplain.tables import statistics
from report_tables import cell, frame, statistics_table

# Every command of the file; all are LaTeX's own but the three rules, which are of booktabs.
COMMANDS = {"begin", "end", "centering", "footnotesize", "caption", "label", "toprule", "midrule", "bottomrule", "quad"}
COMMANDS |= {
    "shortstack",
    "par",
    "smallskip",
    "ensuremath",
    "times",
    "setlength",
    "tabcolsep",
    "clearpage",
    "tau",
    "leq",
    "approx",
    "dagger",
    "ddagger",
}


def made(table, style=None, confidence=0.95, study="a_study & more"):
    laid_out = wide(table)
    marks = marks_of(laid_out, confidence)
    return document(study, list(blocks(laid_out, marks, style or Style())), marks)


@pytest.fixture(scope="module")
def text():
    return made(statistics_table())


def code(text):
    """The file without comments."""
    return "\n".join(line for line in text.splitlines() if not line.startswith("%"))


def test_markup_in_a_text_is_no_markup():
    assert escaped("50 % a_b & {c} $d #e ~ ^") == (r"50 \% a\_b \& \{c\} \$d \#e \textasciitilde{} \textasciicircum{}")
    assert escaped("a\\b\nc") == r"a\textbackslash{}b c"
    assert escaped("τ ≤ −.5 × 2 – ü") == (
        r"\ensuremath{\tau} \ensuremath{\leq} \ensuremath{-}.5 \ensuremath{\times} 2 -- ü"
    )


def test_only_known_commands_stand_there_and_all_that_is_special_is_escaped(text):
    body = code(text)
    assert set(re.findall(r"(?<!\\)\\([a-zA-Z]+)", body)) <= COMMANDS
    plain = re.sub(r"\\([a-zA-Z]+|.)", "", body)  # commands and escaped characters taken away
    assert not set(plain) & set("%$#^~\\")
    assert all(ord(character) < 128 for character in body)


def test_braces_and_environments_are_balanced(text):
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", code(text)):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0
    opened: list[str] = []
    for kind, name in re.findall(r"\\(begin|end)\{([a-z*]+)\}", text):
        opened.append(name) if kind == "begin" else None
        assert kind == "begin" or opened.pop() == name
    assert opened == []


def test_every_row_has_as_many_cells_as_its_table_has_columns(text):
    tables = re.findall(r"\\begin\{tabular\}\{@\{\}(l r*|lr*)@\{\}\}(.*?)\\end\{tabular\}", text, flags=re.DOTALL)
    assert len(tables) == text.count(r"\begin{table*}") > 10
    for columns, body in tables:
        rows = [line for line in body.splitlines() if line.endswith(r" \\")]
        assert rows and {len(re.split(r"(?<!\\)&", row)) for row in rows} == {len(columns)}


def test_no_more_tables_in_a_row_than_latex_can_hold_back(text):
    rows = re.split(r"\\clearpage", code(text))
    assert len(rows) > 1 and max(row.count(r"\begin{table*}") for row in rows) == HELD < 18
    assert all(row.count(r"\begin{table*}") == row.count(r"\end{table*}") for row in rows)


def test_captions_say_sizes_and_labels_are_unique(text):
    captions = re.findall(r"\\caption\{(.*)\}", text)
    assert all(
        re.search(r"[\d,]+ texts \\ensuremath\{\\times\} 3 seeds, \d+ (to \d+ )?undefined", one) for one in captions
    )
    assert all(r"[95 \% intervals, two-way unless marked]" in one for one in captions)
    labels = re.findall(r"\\label\{(.*)\}", text)
    assert len(labels) == len(set(labels)) == len(captions)
    assert "tab:a-study-more-sst-kendall-tau-of-attention-with-other-scores-1-of-2" in labels
    assert all(re.fullmatch(r"tab:[a-z0-9-]+", one) for one in labels)


def rows(n, **more):
    about = {"study": "demo", "class": "all", "metric": "accuracy", "options": "{}", "mean": 0.8, "n_examples": 9}
    about |= {"n_seeds": 1, "n_undefined": 0, **more}
    return frame([{**about, **cell("sst", f"encoder-{i:02}", "additive")} for i in range(n)], statistics.SCHEMA)


def test_a_long_table_is_parted_where_a_page_ends_and_no_model_is_lost():
    text = made(rows(LINES + 3))
    assert re.findall(r", part \d of \d", text) == [", part 1 of 2", ", part 2 of 2"]
    assert [text.count(f"encoder-{i:02}, additive &") for i in range(LINES + 3)] == [1] * (LINES + 3)
    assert "part" not in made(rows(LINES))


def test_published_numbers_stand_in_a_row_beneath_with_their_source_in_the_notes():
    text = made(rows(1, published=0.83, published_source="Jain & Wallace (2019), set B"))
    assert "    \\quad published & .83 (a) \\\\" in text
    assert r"\par\smallskip (a) Jain \& Wallace (2019), set B." in text


def test_limits_are_printed(text):
    limited = rows(1).assign(limits="train=500,dev=100,test=50")
    assert "SST [train=500,dev=100,test=50]" in made(limited)
    assert "whole data set" in text and "whole data set" not in made(limited)


def test_names_of_the_study_are_escaped():
    assert r"100\% \& more\_, additive &" in made(rows(1), Style({"encoder-00": "100% & more_"}))
    assert "\n    {}[x], additive &" in made(rows(1), Style({"encoder-00": "[x]"}))


def test_what_has_no_value_is_a_comment_on_one_line():
    gone = rows(1, mean=None, missing_reason="no file\n\\input{x}")
    lines = made(gone).splitlines()
    assert "% SST: no value of Performance on test: no file \\input{x}" in lines
    assert all(line.startswith("%") or not line for line in lines)
