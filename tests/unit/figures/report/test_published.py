"""Published numbers in the report: as many digits as were published, and names for people."""

from attnexplain.figures.report.published import decimals, replication, signed
from attnexplain.figures.style import Style
from attnexplain.tables import replication as replication_table
from report_tables import frame

SST = {"study": "demo", "result_set": "A", "dataset": "sst", "encoder": "bilstm", "attention": "additive", "class": "0"}
OURS = {"ours": 0.0213, "ci_low": 0.01, "ci_high": 0.03, "inside": True, "difference": 0.0013, "n_seeds": 3}


def test_a_quartile_under_permuted_attention_has_three_decimals_and_a_name():
    metric = "permutation:tvd_median:median:0-0.25"
    row = {**SST, **OURS, "metric": metric, "method": "attention", "published": 0.020, "published_source": "x"}
    grid = replication(frame([row], replication_table.SCHEMA), Style())
    cells = dict(zip(grid.columns, grid.rows[0], strict=True))
    name = "Permuted attention, largest weight 0-0.25: median of the distance: Attention"
    assert cells["Measure"].text == name
    assert (cells["Published"].text, cells["Ours"].text, cells["Difference"].text) == ("0.020", "0.021", "+0.001")


def test_digits_are_those_of_the_paper():
    metrics = ("kendall-tau", "kendall-tau:std", "kendall-tau:significant-fraction", "accuracy", "roc-auc")
    assert [decimals(metric) for metric in metrics] == [2, 2, 2, 3, 3]
    assert (signed(0.004, 2), signed(-0.1, 2), signed(0.25, 3), signed(float("nan"), 2)) == (
        "+0.00",
        "−0.10",
        "+0.250",
        "–",
    )
