"""A byte-pair vocabulary in the format of CLIP (vocab.json, merges.txt), learned from the captions' own words."""

import json
import random
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path

import scenes

LENGTH = 77
PATTERN = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d|[a-z]+|[0-9]|[^\sa-z0-9]+")  # CLIP's for lower-case ASCII
START, END = "<|startoftext|>", "<|endoftext|>"


def byte_symbols():
    """CLIP's printable stand-in for each byte."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    symbols = {b: chr(b) for b in printable}
    for b in range(256):
        if b not in symbols:
            symbols[b] = chr(256 + len(symbols) - len(printable))
    return symbols


SYMBOLS = byte_symbols()
ORDER = sorted(range(256), key=lambda b: (ord(SYMBOLS[b]) >= 256, ord(SYMBOLS[b])))


def learn_merges(captions, most=2000):
    """Merges the most frequent pair again and again until every frequent word is one token."""
    counts = Counter(w for c in captions for w in PATTERN.findall(c.lower()))
    words = {tuple(w[:-1]) + (w[-1] + "</w>",): n for w, n in counts.items() if n >= 8}
    merges = []
    while len(merges) < most:
        pairs = Counter()
        for word, n in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += n
        if not pairs:
            break
        best = max(pairs, key=lambda p: (pairs[p], p))
        merges.append(best)
        words = {merge(word, best): n for word, n in words.items()}
    return merges


def merge(word, pair):
    out, i = [], 0
    while i < len(word):
        if i + 1 < len(word) and (word[i], word[i + 1]) == pair:
            out.append(word[i] + word[i + 1])
            i += 2
        else:
            out.append(word[i])
            i += 1
    return tuple(out)


class Tokenizer:
    """What CLIP's tokenizer does with lower-case ASCII text: enough for the captions."""

    def __init__(self, merges):
        self.merges = merges
        letters = [SYMBOLS[b] for b in ORDER]
        entries = letters + [s + "</w>" for s in letters] + ["".join(m) for m in merges] + [START, END]
        self.vocab = {entry: i for i, entry in enumerate(entries)}
        self.ranks = {m: i for i, m in enumerate(merges)}
        self.start, self.end = self.vocab[START], self.vocab[END]
        self.encode_word = lru_cache(100_000)(self.encode_word)

    @staticmethod
    def load(folder):
        lines = (Path(folder) / "merges.txt").read_text(encoding="utf-8").splitlines()[1:]
        return Tokenizer([tuple(line.split(" ")) for line in lines if line])

    def save(self, folder, pad):
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "vocab.json").write_text(json.dumps(self.vocab, ensure_ascii=False), encoding="utf-8")
        (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(" ".join(m) for m in self.merges) + "\n", encoding="utf-8")
        special = {"bos_token": START, "eos_token": END, "unk_token": END, "pad_token": pad}
        (folder / "special_tokens_map.json").write_text(json.dumps(special, indent=2) + "\n")
        config = {"tokenizer_class": "CLIPTokenizer", "model_max_length": LENGTH, "do_lower_case": True, **special}
        (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")

    def encode_word(self, word):
        symbols = [SYMBOLS[b] for b in word.encode("utf-8")]
        symbols[-1] += "</w>"
        symbols = tuple(symbols)
        while len(symbols) > 1:
            best = min(zip(symbols, symbols[1:]), key=lambda p: self.ranks.get(p, 1 << 30))
            if best not in self.ranks:
                break
            symbols = merge(symbols, best)
        return [self.vocab[s] for s in symbols]

    def encode(self, text, length=LENGTH):
        ids = [i for w in PATTERN.findall(text.lower()) for i in self.encode_word(w)][: LENGTH - 2]
        ids = [self.start, *ids, self.end]
        return ids + [self.end] * (length - len(ids)) if length else ids


def learn(seed=0, captions=20_000):
    rng = random.Random(seed)
    lines = [scenes.draw_scene(rng).caption for _ in range(captions)] + scenes.NEGATIVES * 200
    return Tokenizer(learn_merges(lines))
