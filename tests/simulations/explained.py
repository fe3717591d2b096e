"""The words of the page; its numbers are those of the rows."""

HEAD = """# What the statistics mean, and how far they keep what they say

Made by `make simulation` from data whose truth is known; every simulated cell is a row of `{csv}`, with its
replicates, estimate and Monte Carlo standard error. {replicates} replicates a cell (fewer where one is slow; the
largest standard error of a number on this page is {error}). Intervals are 95 %, tests at 5 %. An arrow marks a number
that is not where it should be: ↓ below, ↑ above. A 95 % interval is called right where it covers the truth in 90 to
97 of 100 studies.
"""

EXPLAINED = """## What a number with an interval says

A cell of a study is a model trained under several **seeds** and measured on the same **examples**. Both are samples:
another run would have other seeds, another test set other texts. A measure of example i under seed s is

    value = mean + seed(s) + example(i) + residual(s, i)

and the interval is of the mean over all seeds and all examples that could have been. Its variance is

    V = var_seed / S + var_example / N + var_residual / (S N)      S seeds, N examples, a value for each

and with values missing, each term has the weights that follow from how often a seed and an example are there. More
examples do not make up for few seeds: the first term stays. Three seeds and 10,000 examples are three seeds.

**`two-way`** (default). The variances come from the mean squares of seeds, examples and residual (Henderson's method
III; Searle, Casella & McCulloch 1992), a negative one counts as 0, and the limits are mean ± t √V with
Satterthwaite's degrees of freedom: few where seeds are most of V, many where examples are. Take it unless you have a
reason not to.

**`mixed-model`**. The same model fitted by restricted maximum likelihood. It agrees with `two-way` on complete data
where no variance comes out negative, and is a hundred times slower: a second opinion on incomplete data.

**`crossed-bootstrap`**. Seeds and examples are drawn again with replacement, independently (Owen 2007). Nothing is
assumed about the distribution, but S seeds drawn from S seeds vary too little, and even ten are few where seeds are
most of the variance. Take it where examples are, or for what has no formula (quartiles).

**`jackknife-seeds`**. For measures between two runs, where each value belongs to two seeds: a seed is left out at a
time with all its pairs (Arvesen 1969).

**`examples-only`**. One seed says nothing about seeds: this interval is of that one trained model on other texts. It is
named so that nobody takes it for more.

**Two seeds** give an interval with about one degree of freedom: where seeds matter it is several times as wide as
one of many seeds, and still covers less than it says. Take three at the least, five if you can.

## What the columns say

- `mean`, `ci_low`, `ci_high`, `ci_kind`: the mean over what is defined, its interval and which of the above that is;
  `std` is over examples, the seeds pooled: it is how texts differ, not how sure the mean is.
- `n_examples`, `n_seeds`, `n_undefined`: what the mean is over, and how many values have no value (their reasons are
  in the measures).
- `null_low`, `null_high`: where the mean would lie if the rankings had nothing to do with each other: the same
  lengths, ties and amounts of evidence, in seeds that agree by chance too. A mean inside is not told from chance.
  `p_value` is of the test of the mean against the mean of that null, with the interval's variance. It is the larger
  of two: that of t with the interval's degrees of freedom, and one in which the seeds' part of V has S - 1 degrees of
  freedom and no more (Tsui & Weerahandi 1989). Satterthwaite's are themselves an estimate; where by chance the seeds
  differ little they come out large, and p so small that adjusting for many tests would not help. The null of an
  example depends on its length, so that a part of the variance is that of the null: p is rather too large than too
  small. With one seed, p is of that one model, and no member of a family.
- `p_adjusted` (Holm) and `p_fdr` (Benjamini & Hochberg) are over the whole study. Below .05 in the first: the chance
  of even one false finding in the study is 5 %; in the second: of what is so found, 5 % are expected to be false.
- `effect`, `effect_low`, `effect_high`: the distance from the null in standard deviations of a value: large samples
  make anything significant, this says whether it is much.
- `margin`, `p_equivalence`, `p_equivalence_adjusted`: two one-sided tests (Schuirmann 1987). Small means that the
  difference is inside ± margin, which is what "agrees" or "makes no difference" claims. A large `p_value` does not
  say that: it is also what too few seeds give.
- `verdict` of a comparison: `different`, `equivalent`, or `cannot be told`, which is a verdict on the study's size.
- `ceiling`: for tau between two methods, what their own agreement across seeds allows across seeds. Within a run both
  explain the same model, so that their tau may lie above it. For evidence, what one annotator reaches against the
  others. `kendall-tau:disattenuated` is the agreement across seeds with that noise taken out; where methods hardly
  agree with themselves there is none.
"""
