"""How to install a published pipeline. Nothing is downloaded: pip does that, where you can see it.

spanwright download en_core_web_sm
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

# Shorthands of old; what they stand for.
SHORTHANDS = {
    "en": "en_core_web_sm",
    "zh": "zh_core_web_sm",
    "xx": "xx_ent_wiki_sm",
    **{code: f"{code}_core_news_sm" for code in ("de", "el", "es", "fr", "it", "lt", "nb", "nl", "pt", "ro")},
}
RELEASES = "https://github.com/explosion/spacy-models/releases"


def download(model: str) -> str:
    """What to do to get a published pipeline, as a text.

    model: Its name, such as "en_core_web_sm"; or a language code for the small one.
    """
    from spanwright.util import get_package_version

    name = SHORTHANDS.get(model, model)
    version = get_package_version(name)
    if version is not None:
        return f"{name} {version} is installed. Load it with: spanwright.load({name!r})"
    return (
        f"{name} is not installed, and Spanwright downloads nothing by itself. Install it with pip from one of these:\n"
        f"- a package index that has it:    pip install {name}\n"
        f"- the published releases:         {RELEASES}\n"
        f"  pip install NAME.whl            (or give pip the address of the .whl file)\n"
        f"A wheel, an archive or a folder loads without installing too: spanwright.load('{name}-3.8.0.tar.gz')"
    )


def add_arguments(parser: ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("model", help="name of the pipeline, or a language code")
    parser.add_argument("--direct", "-D", action="store_true", help="accepted: nothing is downloaded")
    parser.add_argument("--sdist", "-S", action="store_true", help="accepted: nothing is downloaded")
    parser.add_argument("--url", "-U", help="accepted: nothing is downloaded")
    parser.add_argument("rest", nargs="*", help="ignored: what pip would get")


def run(args: Namespace) -> int:
    """Say what to do; the status is 1 if the pipeline is not there."""
    text = download(args.model)
    print(text)
    return 0 if " is installed. " in text else 1
