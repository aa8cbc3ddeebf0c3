"""`spanwright.render`: what is drawn, of which data, and what is said of data that cannot be."""

from __future__ import annotations

import io
import sys
import types
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

import spanwright
from spanwright import displacy, registry
from spanwright.cli import main
from spanwright.errors import InvalidTypeError, PipelineError, SpanwrightError, SpanwrightWarning
from spanwright.tokens import Doc, Span

WORDS = {
    "words": [{"text": "This", "tag": "DT"}, {"text": "is", "tag": "VBZ"}, {"text": "it", "tag": "PRP"}],
    "arcs": [
        {"start": 0, "end": 1, "label": "nsubj", "dir": "left"},
        {"start": 1, "end": 2, "label": "attr", "dir": "right"},
    ],
}


def texts(svg: str, kind: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(svg).iter() if node.get("class") == kind]


def test_dependencies(tree: Doc) -> None:
    svg = spanwright.render(tree)
    assert texts(svg, "word") == ["Autonomous", "cars", "shift", "insurance", "liability", "toward", "manufacturers."]
    assert sorted(texts(svg, "label")) == ["amod", "compound", "dobj", "nsubj", "pobj", "prep"]
    assert texts(svg, "tag")[:3] == ["ADJ", "NOUN", "VERB"]
    assert spanwright.render(tree) == svg
    apart = spanwright.render(tree, options={"collapse_punct": False, "fine_grained": True, "add_lemma": True})
    assert texts(apart, "word")[-2:] == ["manufacturers", "."]
    assert texts(apart, "tag")[0] == "JJ"
    assert texts(apart, "lemma")[1] == "car"


def test_the_data_of_a_tree(tree: Doc) -> None:
    parsed = displacy.parse_deps(tree)
    assert parsed["words"][-1] == {"text": "manufacturers.", "tag": "NOUN", "lemma": None}
    assert parsed["arcs"][0] == {"start": 0, "end": 1, "label": "amod", "dir": "left"}
    assert parsed["arcs"][4] == {"start": 2, "end": 5, "label": "prep", "dir": "right"}
    assert parsed["settings"] == {"lang": "en", "direction": "ltr"}
    assert len(tree) == 8  # the Doc is as it was
    assert displacy.render(parsed, manual=True) == displacy.render(tree)
    assert [word["text"] for word in displacy.parse_deps(tree[3:5])["words"]] == ["insurance", "liability"]


def test_noun_phrases_become_one_word() -> None:
    nlp = spanwright.blank("xy")
    nlp.vocab.get_noun_chunks = lambda doc: [(0, 2, nlp.vocab.strings.add("NP"))]
    doc = Doc(
        nlp.vocab,
        words=["small", "boats", "sail"],
        heads=[1, 2, 2],
        deps=["amod", "nsubj", "ROOT"],
        pos=["ADJ", "NOUN", "VERB"],
    )
    parsed = displacy.parse_deps(doc, {"collapse_phrases": True})
    assert [(word["text"], word["tag"]) for word in parsed["words"]] == [("small boats", "NOUN"), ("sail", "VERB")]
    assert [(arc["label"], arc["dir"]) for arc in parsed["arcs"]] == [("nsubj", "left")]


def test_an_option_that_no_style_has_is_named(tree: Doc) -> None:
    with pytest.warns(SpanwrightWarning, match="no option 'compct', and it is ignored. Did you mean 'compact'"):
        svg = spanwright.render(tree, options={"compct": True, "spans_key": "sc"})
    assert svg == spanwright.render(tree)


def test_options_of_dependencies(tree: Doc) -> None:
    svg = spanwright.render(tree, options={"color": "#123456", "bg": "#fedcba", "font": "Georgia", "arrow_stroke": 4})
    root = ElementTree.fromstring(svg)
    assert "color: #123456; background: #fedcba; font-family: Georgia" in (root.get("style") or "")
    assert 'stroke-width="4"' in svg

    def width(options: dict[str, Any]) -> float:
        return float(ElementTree.fromstring(spanwright.render(tree, options=options)).get("width") or 0)

    assert width({"compact": True}) < width({})
    assert width({"distance": 200}) > width({"distance": 150}) > 6 * 150
    assert width({"offset_x": 100}) > width({})


def test_entities_and_pages() -> None:
    nlp = spanwright.blank("en")
    doc = nlp("Mira <saw> Lagos & Oslo.\nThen home.")
    doc.ents = [Span(doc, 0, 1, "PERSON", kb_id="Q<1>"), Span(doc, 4, 5, "gpe")]
    doc.user_data["title"] = "A & B"
    html = spanwright.render(doc, style="ent", options={"kb_url_template": "https://example.org/{}?a&b"})
    assert "&lt;saw&gt;" in html and "&amp; Oslo" in html and "<br>Then" in html and "A &amp; B</h2>" in html
    assert 'href="https://example.org/Q&lt;1&gt;?a&amp;b"' in html
    assert html.count("<mark") == 2
    assert spanwright.render(doc, style="ent", options={"ents": ["GPE"]}).count("<mark") == 1
    assert "background: #abcdef" in spanwright.render(doc, style="ent", options={"colors": {"Person": "#abcdef"}})
    assert "[Mira|PERSON|" in spanwright.render(doc, style="ent", options={"template": "[{text}|{label}|{bg}]"})
    page = spanwright.render([doc, doc], style="ent", page=True)
    assert page.startswith("<!DOCTYPE html>") and page.count("<figure") == 2 and '<html lang="en" dir="ltr">' in page
    assert "\n" not in spanwright.render(doc, style="ent", page=True, minify=True)


def test_links_run_no_scripts() -> None:
    data = {
        "text": "ab",
        "ents": [{"start": 0, "end": 2, "label": "X", "kb_id": "1", "kb_url": " javascript:alert(1)"}],
    }
    assert 'href="#"' in spanwright.render(data, style="ent", manual=True)


def test_labels_can_be_read_on_dark_colours() -> None:
    data = {"text": "ab", "ents": [{"start": 0, "end": 2, "label": "X"}]}
    for color, expected in (
        ("#000", "#ffffff"),
        ("#123", "#ffffff"),
        ("#ffeeaa", "#16191d"),
        ("linear-gradient(red, blue)", "#16191d"),
    ):
        html = spanwright.render(data, style="ent", manual=True, options={"colors": {"x": color}})
        assert f"background: {color}; color: {expected}" in html


def test_colours_that_plugins_register() -> None:
    registry.displacy_colors.register("colors_of_test", func={"boat": "#010203"})
    registry.displacy_colors.register("more_of_test", func=lambda: {"buoy": "#040506"})
    data = {"text": "ab cd", "ents": [{"start": 0, "end": 2, "label": "BOAT"}, {"start": 3, "end": 5, "label": "BUOY"}]}
    try:
        html = spanwright.render(data, style="ent", manual=True)
        assert "#010203" in html and "#040506" in html
        registry.displacy_colors.register("bad_of_test", func=lambda: ["red"])
        with pytest.raises(
            InvalidTypeError, match="'bad_of_test' of the registry 'displacy_colors' must be a dict .* found list"
        ):
            spanwright.render(data, style="ent", manual=True)
    finally:
        for name in ("colors_of_test", "more_of_test", "bad_of_test"):
            if registry.has("displacy_colors", name):
                registry.remove("displacy_colors", name)


def test_spans() -> None:
    doc = spanwright.blank("en")("The Bank of China, Dr. Who.")
    doc.spans["other"] = [Span(doc, 1, 4, "ORG"), Span(doc, 3, 4, "GPE"), Span(doc, 0, 4, "ALL", kb_id="Q1")]
    html = spanwright.render(doc, style="span", options={"spans_key": "other"})
    assert html.count('class="bar"') == 3 + 1 + 4
    assert html.count('class="label"') == 3
    parsed = displacy.parse_spans(doc, {"spans_key": "other"})
    assert parsed["spans"][0] == {
        "start": 4, "end": 17, "start_token": 1, "end_token": 4, "label": "ORG", "kb_id": "", "kb_url": "#",
    }  # fmt: skip
    template = {"span": "<{text}{span_slices}{span_starts} {total_height}>", "slice": "/", "start": "[{label}]"}
    assert "<Bank//[ORG] " in spanwright.render(doc, style="span", options={"spans_key": "other", "template": template})
    lower = spanwright.render(
        doc, style="span", options={"spans_key": "other", "top_offset": 60, "top_offset_step": 30}
    )
    assert "top: 60px" in lower and "top: 90px" in lower


def test_blanks_between_tokens_of_a_text() -> None:
    from spanwright.drawing.spans import blanks

    assert blanks(["a", "b", "c"], "ab  c\n") == ["", "  ", "\n"]
    assert blanks(["a", "b"], None) == blanks(["a", "b"], "a x b") == blanks(["a", "b"], "zb") == [" ", " "]


def test_right_to_left() -> None:
    he = spanwright.blank("he")
    assert displacy.get_doc_settings(he("שלום עולם")) == {"lang": "he", "direction": "rtl"}
    assert displacy.get_doc_settings(he("hello"))["direction"] == "ltr"
    doc = he("דוד בירושלים")
    doc.ents = [Span(doc, 1, 2, "GPE")]
    assert 'dir="rtl"' in spanwright.render(doc, style="ent")


def test_notebooks(tree: Doc, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not spanwright.drawing.is_in_jupyter()
    shown: list[str] = []
    notebook = types.ModuleType("IPython")
    notebook.get_ipython = lambda: types.SimpleNamespace(kernel=object())  # type: ignore[attr-defined]
    inner = types.ModuleType("IPython.display")
    inner.HTML = str  # type: ignore[attr-defined]
    inner.display = shown.append  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", notebook)
    monkeypatch.setitem(sys.modules, "IPython.display", inner)
    assert spanwright.render(tree) is None
    assert "<svg" in shown[0]
    assert spanwright.render(tree, jupyter=False).startswith("<svg")


def test_the_wrapper(tree: Doc) -> None:
    displacy.set_render_wrapper(lambda html: f"<b>{html[:4]}</b>")
    try:
        assert spanwright.render(tree) == "<b><svg</b>"
    finally:
        displacy.set_render_wrapper(None)
    with pytest.raises(ValueError, match="The wrapper of render is a function that takes markup, found str"):
        displacy.set_render_wrapper("no")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("docs", "settings", "message"),
    [
        ("a text", {}, r"render draws Docs and Spans, not str\. Annotate the text first: nlp\(text\)"),
        ([WORDS], {}, r"not dict\. Give manual=True to draw dicts"),
        ([5], {}, "not int"),
        ([5], {"manual": True}, "With manual=True, render takes dicts, not int"),
        (WORDS, {"manual": True, "style": "deps"}, r"There is no style 'deps'\. There are: dep, ent, span"),
        (
            {**WORDS, "arcs": [{"start": 2, "end": 7, "label": "x", "dir": "left"}]},
            {"manual": True},
            r"arcs\[0\] goes from word 2 to word 7: it must join two of the 3 words",
        ),
        (
            {**WORDS, "arcs": [{"start": 1, "end": 0, "label": "x", "dir": "left"}]},
            {"manual": True},
            "start must be less than end",
        ),
        (
            {"text": "abc", "ents": [{"start": 0, "end": 2, "label": "A"}, {"start": 1, "end": 3, "label": "B"}]},
            {"manual": True, "style": "ent"},
            "The entity B at 1 to 3 overlaps the one before it, which ends at 2. .* style='span'",
        ),
        (
            {"text": "abc", "ents": [{"start": 2, "end": 9, "label": "A"}]},
            {"manual": True, "style": "ent"},
            "lies outside the text of 3",
        ),
        (
            {"text": "a b", "tokens": ["a", "b"], "spans": [{"start_token": 1, "end_token": 5, "label": "A"}]},
            {"manual": True, "style": "span"},
            "The span A at the tokens 1 to 5 lies outside the 2 tokens",
        ),
    ],
)
def test_what_cannot_be_drawn(docs: Any, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        spanwright.render(docs, **settings)


@pytest.mark.parametrize(
    ("style", "message"),
    [
        ("dep", "has no dependencies"),
        ("ent", "has no entities to draw"),
        ("span", r"has no spans under 'sc' to draw\. Its groups: none"),
    ],
)
def test_nothing_to_draw(style: str, message: str) -> None:
    with pytest.warns(SpanwrightWarning, match=message):
        assert spanwright.render(spanwright.blank("en")("Some words here"), style=style)


def test_empty_docs() -> None:
    assert "<svg" in spanwright.render({"words": [], "arcs": []}, manual=True)
    assert spanwright.render({"text": "", "ents": []}, style="ent", manual=True).startswith("<div")
    assert spanwright.render({"text": "", "tokens": [], "spans": []}, style="span", manual=True).startswith("<div")
    assert spanwright.render([], page=True).startswith("<!DOCTYPE")


def test_serving(tree: Doc, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from wsgiref import simple_server

    class Server:
        server_port = 5001

        def serve_forever(self) -> None:
            answer = b"".join(displacy.app({}, lambda status, headers: None))
            print(answer[:15].decode())
            raise KeyboardInterrupt

        def server_close(self) -> None:
            print("closed")

    def make(host: str, port: int, app: Any) -> Server:
        if port == 5000:
            raise OSError("in use")
        return Server()

    monkeypatch.setattr(simple_server, "make_server", make)
    with pytest.raises(PipelineError, match=r"The port 5000 on 127\.0\.0\.1 cannot be used: in use\. Give another"):
        displacy.serve(tree)
    displacy.serve(tree, auto_select_port=True)
    assert capsys.readouterr().out == "The picture is at http://127.0.0.1:5001 until Ctrl-C.\n<!DOCTYPE html>\nclosed\n"


@pytest.mark.filterwarnings("ignore:The Doc has no:UserWarning")
def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    spanwright.blank("en").to_disk(tmp_path / "pipeline")
    words = ["render", str(tmp_path / "pipeline")]
    assert main([*words, "Ships sail", "-O", "compact=true", "-O", "color=#123456"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("<svg") and "color: #123456" in printed
    assert main([*words, "Ships sail", "-o", str(tmp_path / "tree.svg")]) == 0
    assert (tmp_path / "tree.svg").read_text().startswith("<svg")
    (tmp_path / "text.txt").write_text("Boats in a file")
    assert main([*words, str(tmp_path / "text.txt"), "--style", "ent", "-o", str(tmp_path / "page.html")]) == 0
    page = (tmp_path / "page.html").read_text()
    assert page.startswith("<!DOCTYPE html>") and "Boats in a file" in page
    assert "Wrote" in capsys.readouterr().err
    assert main([*words, "x", "-o", str(tmp_path / "ents.svg"), "-s", "ent"]) == 1
    assert "only the style dep without --page is SVG. Write .html instead." in capsys.readouterr().err
    assert main([*words, "x", "-o", str(tmp_path / "none" / "tree.svg")]) == 1
    assert "There is no folder" in (told := capsys.readouterr().err) and "to write tree.svg to" in told
    assert main([*words, "x", "-O", "compact"]) == 1
    assert "--option: expected NAME=VALUE, such as compact=true, found 'compact'" in capsys.readouterr().err


def test_nothing_of_it_is_imported_early() -> None:
    import subprocess

    script = (
        "import sys, spanwright; print('spanwright.drawing' in sys.modules); spanwright.render; "
        "print(sorted(name for name in sys.modules if name.startswith('thinc')))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert io.StringIO(done.stdout).readlines() == ["False\n", "[]\n"]


@pytest.mark.parametrize(
    ("style", "options", "message"),
    [
        ("dep", None, "options of render are a dict, found None"),
        ("dep", {"distance": "wide"}, "option distance of render is a number of pixels, found 'wide'"),
        ("ent", {"ents": "GPE"}, "option ents of render is a list of labels, found 'GPE'"),
        (
            "ent",
            {"template": {"span": ""}},
            "option template of render is a text in the style 'ent', found {'span': ''}",
        ),
        (
            "span",
            {"template": "{text}"},
            "a dict of texts in the style 'span', with the keys span, slice, start; found",
        ),
        ("span", {"template": {"span": "{text}"}}, "a dict of texts in the style 'span', with the keys span, slice"),
        ("ent", {"colors": {"GPE": 5}}, "option colors of render is a dict of labels and colours"),
        ("ent", {"template": "{txt}"}, "option template .*{text}, {label}.* cannot be filled: KeyError 'txt'"),
        ("ent", {"kb_url_template": "{}/{}"}, "option kb_url_template .* cannot be filled: IndexError"),
    ],
)
def test_options_that_cannot_be(style: str, options: Any, message: str) -> None:
    doc = spanwright.blank("en")("Oban")
    doc.ents = [Span(doc, 0, 1, "GPE", kb_id="Q1")]
    with pytest.raises(ValueError, match=message) as caught:
        spanwright.render(doc, style=style, options=options)
    assert isinstance(caught.value, SpanwrightError)


@pytest.mark.parametrize(
    ("style", "data", "message"),
    [
        ("dep", {"text": "a"}, r"in the style 'dep' needs 'words', found: \['text'\]"),
        ("dep", {"words": [], "arcs": None}, "'arcs' of a dict to draw in the style 'dep' is a list, found None"),
        ("ent", {"text": "a", "ents": "GPE"}, "'ents' of a dict to draw in the style 'ent' is a list, found 'GPE'"),
        ("span", {"tokens": "a b", "spans": []}, "'tokens' of a dict to draw in the style 'span' is a list"),
        ("span", {"text": "a b", "spans": []}, r"in the style 'span' needs 'tokens', found: \['spans', 'text'\]"),
        ("ent", {"ents": []}, r"in the style 'ent' needs 'text', found: \['ents'\]"),
    ],
)
def test_data_that_cannot_be(style: str, data: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        spanwright.render(data, style=style, manual=True)
    assert isinstance(caught.value, (SpanwrightError, TypeError))
