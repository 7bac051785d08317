"""The two text encoders, and their training: from the end token's state a probe must tell everything that the caption says."""

import argparse
import math
import random
import time
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

import scenes
import words


class Block(nn.Module):
    """A causal transformer block with the norm first."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x, mask):
        b, n, c = x.shape
        q, k, v = self.qkv(self.norm1(x)).reshape(b, n, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        weight = (q @ k.transpose(-1, -2) / math.sqrt(c // self.heads) + mask[:n, :n]).softmax(-1)
        x = x + self.out((weight @ v).transpose(1, 2).reshape(b, n, c))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class TextEncoder(nn.Module):
    """ids [B,N] → states before the last block and after it [B,N,width], and the projected state of the first end token [B,pooled]."""

    def __init__(self, vocabulary, end, width, blocks, pooled=None, heads=4):
        super().__init__()
        self.end, self.width, self.pooled = end, width, pooled
        self.tokens = nn.Embedding(vocabulary, width)
        self.places = nn.Parameter(torch.randn(words.LENGTH, width) * 0.02)
        nn.init.normal_(self.tokens.weight, std=0.05)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(blocks))
        self.norm = nn.LayerNorm(width)
        self.project = nn.Linear(width, pooled, bias=False) if pooled else None
        self.register_buffer("mask", torch.full((words.LENGTH, words.LENGTH), -1e4).triu(1), persistent=False)

    def forward(self, ids):
        states = [self.tokens(ids) + self.places[: ids.shape[1]]]
        for block in self.blocks:
            states.append(block(states[-1], self.mask))
        last = self.norm(states[-1])
        at = (ids == self.end).int().argmax(1)
        pooled = last.gather(1, at[:, None, None].expand(-1, 1, last.shape[2]))[:, 0]
        return states, last, self.project(pooled) if self.project else pooled


class TextModel(nn.Module):
    """Both encoders: what a denoiser gets of a prompt."""

    def __init__(self, tokenizer):
        super().__init__()
        size = len(tokenizer.vocab)
        self.one = TextEncoder(size, tokenizer.end, width=64, blocks=2)
        self.two = TextEncoder(size, tokenizer.end, width=160, blocks=3, pooled=192)

    def forward(self, ids):
        one, _, _ = self.one(ids)
        two, _, pooled = self.two(ids)
        return torch.cat([one[-2], two[-2]], 2), pooled


class Probe(nn.Module):
    """Reads what a caption said."""

    def __init__(self, width):
        super().__init__()
        self.colors = len(scenes.COLOR_NAMES) * 3
        self.parts = [2, self.colors + 1, len(scenes.RELATIONS) + 1, len(scenes.PLACE_NAMES) + 1]
        self.parts += [n + 1 for n in (len(scenes.SHAPE_NAMES), self.colors, len(scenes.SIZE_NAMES))] * 2
        self.read = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, sum(self.parts)))

    def forward(self, pooled):
        return self.read(pooled).split(self.parts, 1)

    @staticmethod
    def answers(scene):
        said = scene.said
        if said is None:
            return [0] * 10
        one = [said["count"], said["background"] + 1, said["relation"] + 1, said["place"] + 1]
        return one + [said[k][i] + 1 for i in range(2) for k in ("shape", "color", "size")]


def batch_of(rng, tokenizer, size):
    batch = [scenes.draw_scene(rng) for _ in range(size)]
    batch = [scenes.without_words(rng, s) if rng.random() < 0.03 else s for s in batch]
    rows = [tokenizer.encode(s.caption, None) for s in batch]
    length = words.LENGTH if rng.random() < 0.05 else max(map(len, rows))
    ids = torch.tensor([r + [tokenizer.end] * (length - len(r)) for r in rows])
    return ids, torch.tensor([Probe.answers(s) for s in batch])


def train(folder, minutes, seed=0):
    folder = Path(folder)
    tokenizer_at = folder / "tokenizer"
    if not (tokenizer_at / "merges.txt").exists():
        words.learn().save(tokenizer_at, words.END)
    tokenizer = words.Tokenizer.load(tokenizer_at)
    torch.manual_seed(seed)
    model, rng = TextModel(tokenizer), random.Random(seed)
    probes = nn.ModuleList([Probe(64), Probe(192)])
    parameters = [*model.parameters(), *probes.parameters()]
    print(len(tokenizer.vocab), "tokens,", sum(p.numel() for p in model.parameters()), "parameters", flush=True)
    optimizer = torch.optim.AdamW(parameters, 2e-3, betas=(0.9, 0.98), weight_decay=1e-3)
    started, step = time.time(), 0
    while (part := (time.time() - started) / 60 / minutes) < 1:
        for group in optimizer.param_groups:
            group["lr"] = 2e-3 * min(1, (step + 1) / 200) * (0.5 * (1 + math.cos(math.pi * part)) + 0.01)
        ids, answers = batch_of(rng, tokenizer, 128)
        _, _, one = model.one(ids)
        _, _, two = model.two(ids)
        loss, right = 0, []
        for probe, pooled, weight in zip(probes, (one, two), (0.3, 1.0)):
            for guess, answer in zip(probe(pooled), answers.T):
                loss = loss + weight * F.cross_entropy(guess, answer)
                right.append((guess.argmax(1) == answer).float().mean())
        loss = loss + 1e-3 * (two ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        step += 1
        if step % 50 == 0:
            print(step, f"{part:.3f} loss {loss.item():.3f} right", " ".join(f"{r:.2f}" for r in right[10:]), flush=True)
    torch.save({"text": model.state_dict()}, folder / "text.pt")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--work", default="work", help="folder for checkpoints")
    arguments.add_argument("--minutes", type=float, default=12)
    given = arguments.parse_args()
    train(given.work, given.minutes)
