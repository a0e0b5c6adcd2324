"""Reads the tables of a comparison in pandas and in DuckDB, CSV and Parquet, and computes its statistics again from runs.csv.

    python read_back.py DIRECTORY

Needs pandas, and for more than CSV pyarrow and duckdb. Ends with 1 where something differs.
"""

import itertools
import sys
from pathlib import Path

import duckdb
import numpy
import pandas

# Student's t of 97.5 % for 1 to 14 degrees of freedom, from any table of it.
T = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281, 2.2010, 2.1788, 2.1604, 2.1448]


# Tables hold six decimals, so a difference of two of their values is known to this.
ROUNDING = 1e-6


def sign_flip(differences):
    """Share of all choices of signs with a sum as far from 0: the least and the most that it can be, by the rounding."""
    signs = numpy.array(list(itertools.product([1, -1], repeat=len(differences))))
    sums = numpy.abs(signs @ differences)
    slack = 2 * len(differences) * ROUNDING
    return [float((sums >= abs(differences.sum()) + way * slack).mean()) for way in (1, -1)]


def holm(values):
    """Holm's adjustment, in the order given."""
    adjusted, least = [0.0] * len(values), 0.0
    for rank, index in enumerate(sorted(range(len(values)), key=lambda at: values[at])):
        least = max(least, min(1.0, values[index] * (len(values) - rank)))
        adjusted[index] = least
    return adjusted


def adjusted(tested):
    """Holm's adjustment of the least and the most p-values, metric by metric."""
    families = tested.groupby("metric")
    return [families[name].transform(lambda values: holm(list(values))) for name in ("p_least", "p_most")]


def statistics(runs, order):
    """The table of a comparison, from its runs."""
    rows = []
    for metric, of_metric in runs.groupby("metric"):
        wide = of_metric.pivot(index="seed", columns="scenario", values="value")
        for scenario in [name for name in order if name in wide]:
            values = wide[scenario].dropna()
            row = {"metric": metric, "scenario": scenario, "mean": values.mean()}
            if len(values) > 1:
                half = T[len(values) - 2] * values.std(ddof=1) / len(values) ** 0.5
                row |= {"interval_low": row["mean"] - half, "interval_high": row["mean"] + half}
            if scenario != order[0] and order[0] in wide:
                pairs = (wide[scenario] - wide[order[0]]).dropna()
                row["difference"] = pairs.mean()
                if len(pairs) > 1:
                    half = T[len(pairs) - 2] * pairs.std(ddof=1) / len(pairs) ** 0.5
                    row |= {"difference_low": row["difference"] - half, "difference_high": row["difference"] + half}
                    row["p_least"], row["p_most"] = sign_flip(pairs.to_numpy())
            rows.append(row)
    return pandas.DataFrame(rows)


def main(directory):
    told = pandas.read_csv(directory / "compare.csv")
    runs = pandas.read_csv(directory / "runs.csv")
    again = statistics(runs, list(told["scenario"].unique()))
    both = told.merge(again, on=["metric", "scenario"], suffixes=("", "_again"))
    print(f"pandas: {len(told)} rows of compare.csv, {len(runs)} of runs.csv")
    wrong = len(told) - len(both)
    for column in ["mean", "interval_low", "interval_high", "difference", "difference_low", "difference_high"]:
        one, other = both[column], both[f"{column}_again"]
        # The t above has four decimals.
        limit = 2e-6 + 2e-5 * (both["interval_high"] - both["interval_low"]).abs().fillna(0) + 1e-9 * one.abs().fillna(0)
        if column.startswith("difference"):
            limit = limit + 2e-5 * (both["difference_high"] - both["difference_low"]).abs().fillna(0)
        far = ((one - other).abs() > limit) | (one.isna() != other.isna())
        wrong += int(far.sum())
        print(f"  {column}: {int(one.notna().sum())} compared, {int(far.sum())} differ")
        if far.any():
            print(both.loc[far, ["metric", "scenario", column, f"{column}_again"]].head().to_string())
    tested = both[both["p_value"].notna()]
    for column, least, most in [("p_value", tested["p_least"], tested["p_most"]), ("p_adjusted", *adjusted(tested))]:
        far = (tested[column] < least - ROUNDING) | (tested[column] > most + ROUNDING)
        wrong += int(far.sum())
        print(f"  {column}: {len(tested)} compared, {int(far.sum())} differ")
    for name in ("compare", "runs"):
        if not (directory / f"{name}.parquet").exists():
            continue
        csv = duckdb.sql(f"select * from read_csv('{directory / name}.csv')").fetchall()
        parquet = duckdb.sql(f"select * from '{directory / name}.parquet'").fetchall()
        frame = pandas.read_parquet(directory / f"{name}.parquet")
        same = csv == parquet and len(frame) == len(parquet)
        wrong += not same
        print(f"DuckDB: {name}.parquet, {len(parquet)} rows, {'as' if same else 'NOT as'} {name}.csv")
    query = f"""select scenario, round(mean, 6) as mean, round(difference, 6) as difference, p_adjusted
        from read_csv('{directory / "compare.csv"}') where metric = 'fragmented_gpu_mean'"""
    print(duckdb.sql(query))
    return 1 if wrong > 0 else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
