"""Stop words and words for numbers."""

from __future__ import annotations

import pytest

from spanwright_languages.de import German
from spanwright_languages.en import English
from spanwright_languages.es import Spanish
from spanwright_languages.fr import French

NUMBERS = {
    English: ("11 1,000 3/4 -5 eleven Hundred third 2nd 21st", "house st the 1a ten-ish"),
    French: ("11 1.000 onze dix-sept vingt-et-un Premier 2e 1er 3ème", "maison er le e"),
    German: ("11 3. zwei einundzwanzig Millionen dritte zwanzigster", "Haus rte der ."),
    Spanish: ("11 3,5 dos veintiuno tercera primer 2º 3.ª millones", "casa a el º"),
}
STOPS = {
    English: ("the The not n't n’t ourselves because", "house walk blue"),
    French: ("le la l' l’ qu'il".split()[0] + " nous parce d’ avec", "maison marcher bleu"),
    German: ("der die Das nicht unserem jedes weil", "Haus gehe blau"),
    Spanish: ("el la No nosotros porque está", "casa caminar azul"),
}


@pytest.mark.parametrize("cls", NUMBERS)
def test_numbers(cls):
    vocab = cls().vocab
    numbers, others = NUMBERS[cls]
    assert [word for word in numbers.split() if not vocab[word].like_num] == []
    assert [word for word in others.split() if vocab[word].like_num] == []


@pytest.mark.parametrize("cls", STOPS)
def test_stop_words(cls):
    vocab = cls().vocab
    stops, others = STOPS[cls]
    assert [word for word in stops.split() if not vocab[word].is_stop] == []
    assert [word for word in others.split() if vocab[word].is_stop] == []
    assert all(word == word.lower().strip() for word in cls.Defaults.stop_words)
