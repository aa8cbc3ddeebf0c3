"""The tokenizer's algorithm in plain Python, without caches, filters or tables; the compiled one must agree with it."""

from __future__ import annotations

import re


def chunks(text):
    """(chunk, a blank follows) for the runs of blanks and of other characters."""
    result, start = [], 0
    for i in range(1, len(text) + 1):
        if i < len(text) and text[i].isspace() == text[i - 1].isspace():
            continue
        blank = i < len(text) and text[i] == " "
        if start < i:
            result.append((text[start:i], blank))
        start = i + blank
    return result


class PlainTokenizer:
    def __init__(self, rules, prefix, suffix, infix, token_match=None, url_match=None, faster_heuristics=True):
        self.rules = rules
        self.prefix, self.suffix, self.infix = map(re.compile, (prefix, suffix, infix))
        self.token_match = re.compile(token_match) if token_match else None
        self.url_match = re.compile(url_match) if url_match else None
        self.phrases = {}
        for text in rules:
            cut = self.prefix.search(text) or self.suffix.search(text) or next(self.infix.finditer(text), None)
            if cut or " " in text or not faster_heuristics:
                self.phrases[text] = [word for part, _ in chunks(text) for word in self.cut(part, {})]

    def cut(self, chunk, rules):
        words, suffixes, before = [], [], None
        while chunk and len(chunk) != before:
            before = len(chunk)
            if (self.token_match and self.token_match.match(chunk)) or chunk in rules:
                break
            head = self._length(self.prefix.search(chunk))
            if head and chunk[head:] in rules:
                words.append(chunk[:head])
                chunk = chunk[head:]
                break
            tail = self._length(self.suffix.search(chunk[head:]))
            if tail and chunk[:-tail] in rules:
                suffixes.append(chunk[-tail:])
                chunk = chunk[:-tail]
                break
            if head:
                words.append(chunk[:head])
            if tail:
                suffixes.append(chunk[-tail:])
            chunk = chunk[head : len(chunk) - tail]
        return [*words, *self.middle(chunk, rules), *reversed(suffixes)]

    def middle(self, chunk, rules):
        if chunk in rules:
            return [piece["ORTH"] for piece in rules[chunk]]
        for whole in (self.token_match, self.url_match):
            if whole and whole.match(chunk):
                return [chunk]
        result, done = [], 0
        for match in self.infix.finditer(chunk):
            if match.start() > 0:
                result += [chunk[done : match.start()], match.group()]
                done = match.end()
        return [word for word in [*result, chunk[done:]] if word]

    def __call__(self, text):
        """(word, offset) for each token."""
        tokens, offset = [], 0
        for chunk, blank in chunks(text):
            for word in self.cut(chunk, self.rules):
                tokens.append((word, offset))
                offset += len(word)
            offset += blank
        return self.join(tokens, text)

    def join(self, tokens, text):
        """Tokens with the special cases put together that were cut."""
        words = [word for word, _ in tokens]
        found = {
            (i, i + len(phrase))
            for phrase in self.phrases.values()
            for i in range(len(words))
            if phrase and words[i : i + len(phrase)] == phrase
        }
        taken, chosen = set(), {}
        for start, end in sorted(found, key=lambda span: (span[0] - span[1], span[0])):
            if start not in taken and end - 1 not in taken:
                chosen[start] = end
            taken.update(range(start, end))
        result, i = [], 0
        while i < len(tokens):
            end = chosen.get(i, i + 1)
            first, last = tokens[i][1], tokens[end - 1]
            rule = self.rules.get(text[first : last[1] + len(last[0])]) if i in chosen else None
            if rule is None:
                result += tokens[i:end]
            else:
                for piece in rule:
                    result.append((piece["ORTH"], first))
                    first += len(piece["ORTH"])
            i = end
        return result

    @staticmethod
    def _length(match):
        return match.end() - match.start() if match else 0
