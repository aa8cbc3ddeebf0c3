"""report.html: what a training run did, on one page without scripts, fonts or images from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from spanwright_tokens.io import write_text

from .charts import bar, line_chart
from .journal import FILE as JOURNAL
from .journal import read_journal
from .saving import BEST

FILE = "report.html"
# Tables by label: score key -> title.
BY_LABEL = {
    "tag_per_type": "Tags",
    "morph_per_feat": "Morphological features",
    "dep_las_per_type": "Dependencies (labelled)",
    "ents_per_type": "Entities",
    "cats_f_per_type": "Categories",
}
MOST_LINES = 8  # lines in one chart
STYLE = """
:root{--ink:#1c2430;--soft:#5b6675;--line:#dde2e8;--paper:#fff;--back:#f5f6f8;--accent:#1f6fb4}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ee;--soft:#9aa5b4;--line:#343c47;--paper:#1b2028;--back:#12161b;
--accent:#5aa9e6}}
*{box-sizing:border-box}body{margin:0;background:var(--back);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1360px;margin:0 auto;padding:28px 20px 60px}h1{font-size:24px;margin:0 0 2px}
h2{font-size:16px;margin:0 0 10px}p.sub{color:var(--soft);margin:0 0 20px}
p.ending{border-left:3px solid #d95f02;padding-left:12px}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin-bottom:20px}
.card,section{background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:14px 16px}
.card b{display:block;font-size:21px;line-height:1.25}.card span{color:var(--soft);font-size:13px}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));gap:16px}
section{margin-bottom:16px;min-width:0}.two section{margin-bottom:0}.two{margin-bottom:16px}
svg{width:100%;height:auto;display:block}.grid{stroke:var(--line)}.axis{fill:var(--soft);font-size:12px}
.mark{fill:none;stroke:var(--ink);stroke-width:1.5}.legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 16px;
padding:0;margin:8px 0 0;font-size:13px}.legend span{display:inline-block;width:11px;height:11px;border-radius:2px;
margin-right:6px}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:14px}
th,td{padding:4px 10px 4px 0;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
th{color:var(--soft);font-weight:600}th:first-child,td:first-child{text-align:left}.wide{overflow-x:auto}
td.bars{width:34%;min-width:70px}.bar{height:8px;background:var(--back);border-radius:3px}.bar rect{fill:var(--accent)}
tr.best td{font-weight:700}details summary{cursor:pointer;color:var(--soft)}pre{overflow-x:auto;font-size:13px}
"""


def write_report(
    folder: str | Path, *, title: str = "Training", config: Mapping[str, Any] | None = None, ending: str = ""
) -> Path:
    """Write the page of a run into its output folder, from its log, and return its path.

    folder: Output folder, with training.jsonl.
    title: Name of the pipeline.
    config: The run's config, to show it.
    ending: What broke the run off, if anything did.
    """
    target = Path(folder) / FILE
    write_text(target, render_report(read_journal(Path(folder) / JOURNAL), title=title, config=config, ending=ending))
    return target


def render_report(
    rows: Sequence[Mapping[str, Any]],
    *,
    title: str = "Training",
    config: Mapping[str, Any] | None = None,
    ending: str = "",
) -> str:
    """The page as text.

    rows: The evaluations, as training.jsonl has them.
    """
    body = [f"<h1>{escape(title)}</h1>"]
    if ending:
        body.append(f'<p class="ending">{escape(ending)}</p>')
    if rows:
        body += _with_rows(rows, config or {})
    else:
        body.append('<p class="sub">Nothing has been evaluated yet.</p>')
    if config:
        body.append(_config(config))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width,initial-scale=1"><title>{escape(title)}: training report</title>'
        f"<style>{STYLE}</style></head><body><main>{''.join(body)}</main></body></html>\n"
    )


def _with_rows(rows: Sequence[Mapping[str, Any]], config: Mapping[str, Any]) -> list[str]:
    best, last = best_row(rows), rows[-1]
    weights = (config.get("training") or {}).get("score_weights") or {}
    shown = [key for key, weight in weights.items() if weight is not None] or _numeric(best["scores"])
    shown = [key for key in shown if isinstance(best["scores"].get(key), (int, float)) and key != "speed"]
    scores = {key: [(r["step"], _percent(r["scores"].get(key))) for r in rows] for key in shown[: MOST_LINES - 1]}
    scores["score"] = [(r["step"], _percent(r["score"])) for r in rows]
    names = list(dict.fromkeys(name for r in rows for name in r["losses"]))
    losses = {name: [(r["step"], r["losses"].get(name)) for r in _after_first(rows)] for name in names[:MOST_LINES]}
    times = "once" if len(rows) == 1 else f"{len(rows)} times"
    sub = f"Evaluated {times} up to step {last['step']} (epoch {last['epoch']})."
    return [
        f'<p class="sub">{sub} The best model is in <code>{BEST}</code>.</p>',
        _cards(best, last),
        '<div class="two">',
        f"<section><h2>Scores on the dev corpus</h2>"
        f"{line_chart(scores, label='scores by step', unit='%', mark=(best['step'], best['score'] * 100))}</section>",
        f"<section><h2>Losses since the evaluation before</h2>{line_chart(losses, label='losses by step')}</section>",
        "</div>",
        *_tables(best["scores"]),
        _steps(rows, best, names, shown),
    ]


def best_row(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The evaluation whose model was kept as the best: the latest of those with the highest score."""
    return max(rows, key=lambda row: (row["score"] if row["score"] is not None else -1.0, row["step"]))


def _after_first(rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    # The first loss is that of a single step, and would bend the scale.
    return rows[1:] if len(rows) > 2 else rows


def _cards(best: Mapping[str, Any], last: Mapping[str, Any]) -> str:
    seconds = last["seconds"] or 0
    cards = [
        (f"{(best['score'] or 0) * 100:.2f}", "best score"),
        (f"{best['step']:,}", f"step of the best (epoch {best['epoch']})"),
        (f"{last['words']:,}", "words trained on"),
        (_duration(seconds), "time, with evaluation"),
        (f"{last['words'] / seconds:,.0f}" if seconds else "", "words a second"),
        (f"{best['scores'].get('speed') or 0:,.0f}", "words a second in evaluation"),
    ]
    shown = "".join(f"<div class=card><b>{b}</b><span>{s}</span></div>" for b, s in cards if b)
    return f'<div class="cards">{shown}</div>'


def _tables(scores: Mapping[str, Any]) -> Iterable[str]:
    tables = []
    for key, values in scores.items():
        if isinstance(values, Mapping) and values and ("per_type" in key or "per_feat" in key):
            title = BY_LABEL.get(key) or key.replace("_per_type", "").replace("_", " ").capitalize()
            tables.append(f"<section><h2>{escape(title)}, of the best model</h2>{_label_table(values)}</section>")
    return ['<div class="two">', *tables, "</div>"] if tables else []


def _label_table(values: Mapping[str, Any]) -> str:
    rows = []
    for label, found in sorted(values.items()):
        if isinstance(found, Mapping):
            p, r, f = (found.get(key) for key in "prf")
            cells = "".join(f"<td>{_percent_text(v)}</td>" for v in (p, r, f))
            rows.append((f or 0.0, f"<td>{escape(label)}</td>{cells}<td class=bars>{bar(f or 0.0)}</td>"))
        elif isinstance(found, (int, float)):
            rows.append(
                (
                    found,
                    f"<td>{escape(label)}</td><td></td><td></td><td>{found:.2f}</td><td class=bars>{bar(found)}</td>",
                )
            )
    body = "".join(f"<tr>{row}</tr>" for _, row in rows)
    return f'<div class="wide"><table><tr><th>label<th>P<th>R<th>F<th></tr>{body}</table></div>'


def _steps(
    rows: Sequence[Mapping[str, Any]], best: Mapping[str, Any], losses: Sequence[str], scores: Sequence[str]
) -> str:
    names = ["epoch", "step", *(f"loss {name}" for name in losses), *scores, "score"]
    head = "".join(f"<th>{escape(name)}" for name in names)
    body = []
    for row in rows:
        cells = [str(row["epoch"]), str(row["step"])]
        cells += [_number(row["losses"].get(name)) for name in losses]
        cells += [_percent_text(row["scores"].get(key)) for key in scores]
        cells.append(_percent_text(row["score"]))
        mark = ' class="best"' if row is best else ""
        body.append(f"<tr{mark}>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    table = f'<div class="wide"><table><tr>{head}</tr>{"".join(body)}</table></div>'
    return f"<section><h2>All evaluations</h2>{table}</section>"


def _config(config: Mapping[str, Any]) -> str:
    from spanwright.config import Config

    text = escape(Config(config).to_str())
    return f"<section><details><summary>The config of this run</summary><pre>{text}</pre></details></section>"


def _numeric(scores: Mapping[str, Any]) -> list[str]:
    return [key for key, value in scores.items() if isinstance(value, (int, float))]


def _percent(value: Any) -> float:
    return value * 100 if isinstance(value, (int, float)) else float("nan")


def _percent_text(value: Any) -> str:
    return f"{value * 100:.2f}" if isinstance(value, (int, float)) else ""


def _number(value: Any) -> str:
    return f"{value:,.2f}" if isinstance(value, (int, float)) else ""


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
