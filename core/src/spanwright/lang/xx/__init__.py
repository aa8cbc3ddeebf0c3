"""Language-neutral pipelines, under the name that programs import."""

from __future__ import annotations

from ...language.languages import get_lang_class

MultiLanguage = get_lang_class("xx")
MultiLanguageDefaults = MultiLanguage.Defaults

__all__ = ["MultiLanguage", "MultiLanguageDefaults"]
