"""Trains the denoiser. Resumable: stop it at any time and start it again with the same folder.

First on scenes with noise of every level, later also (`--own 0.5`) from where the model's own few steps lead: what a run really sees.
"""

import argparse
import copy
import os
import random
import signal
import time
from pathlib import Path

import torch
import torch.nn as nn

import denoiser
import muon
import scenes
import text
import words

SIZES = [(128, 128)] * 12 + [(64, 64)] * 2 + [(96, 96), (32, 32), (160, 160), (96, 128), (128, 96), (104, 152), (152, 104), (90, 160),
         (160, 90), (128, 64), (64, 128), (160, 48), (48, 160), (160, 32), (32, 160), (144, 112), (112, 144), (76, 100)]
STEPS = [999, 749, 499, 249]  # where four steps with trailing spacing look
FIRST = 0.45  # the share of the first of them: the shape of each object is decided there


class Place:
    """A latent grid and its coordinates, made once per size."""

    made = {}

    def __init__(self, height, width):
        self.layout = layout = scenes.Layout(height, width)
        self.features = denoiser.coordinates(layout.xs, layout.ys, layout.ax, layout.ay)
        self.sizes = torch.tensor([[layout.ay, layout.ax]])

    @classmethod
    def of(cls, size):
        if size not in cls.made:
            cls.made[size] = cls(*size)
        return cls.made[size]


class Prompts:
    """Captions as the frozen text encoders see them."""

    def __init__(self, folder):
        self.tokenizer = words.Tokenizer.load(Path(folder) / "tokenizer")
        self.model = text.TextModel(self.tokenizer)
        self.model.load_state_dict(torch.load(Path(folder) / "text.pt")["text"])
        self.model.eval().requires_grad_(False)

    def read(self, captions, length=None):
        rows = [self.tokenizer.encode(c, length) for c in captions]
        longest = max(map(len, rows))
        ids = torch.tensor([r + [self.tokenizer.end] * (longest - len(r)) for r in rows])
        return self.model(ids)


def draw_batch(rng, size, count):
    place = Place.of(size)
    batch = [scenes.draw_scene(rng, place.layout.ax, place.layout.ay) for _ in range(count)]
    return place, [scenes.without_words(rng, s) if rng.random() < 0.08 else s for s in batch]


def draw_times(count):
    kind = torch.rand(count)
    near = torch.tensor(STEPS)[torch.randint(1, 4, (count,))] + torch.randint(-3, 4, (count,))
    anywhere = torch.randint(0, 1000, (count,))
    t = torch.where(kind < FIRST, torch.full((count,), 999), torch.where(kind < (FIRST + 1) / 2, near, anywhere))
    return t.clamp(0, 999)


def levels(t):
    """How much of the latents and how much noise there is at a timestep."""
    alpha = denoiser.ALPHAS[t][:, None, None, None]
    return alpha.sqrt(), (1 - alpha).sqrt()


def weights(distance):
    """Where which channel matters: colours on their side of the edge, the distance close to it. [B,7,H,W]"""
    near = torch.exp(-((distance / 0.10) ** 2))
    objects = 0.08 + 0.92 * torch.sigmoid((0.06 - distance) / 0.02) + near
    background = 0.3 + 0.7 * torch.sigmoid((0.06 + distance) / 0.02)
    edge = 0.6 + 12 * near
    return torch.stack([objects] * 3 + [background] * 3 + [edge], 1)


def read_times(rng):
    """The timesteps of a run of few steps: trailing spacing mostly, else anything that falls from the first, as other schedulers look."""
    steps = rng.choice([2, 3, 4, 4, 4, 4, 6])
    if rng.random() < 0.7:
        return [round(1000 - i * 1000 / steps) - 1 for i in range(steps)]
    return [999] + sorted(rng.sample(range(20, 960), steps - 1), reverse=True)


class Guide:
    """The model's velocity with classifier-free guidance, as `guidance` above 1 asks for."""

    def __init__(self, model, place, states, pooled, nothing, scale):
        self.model, self.place, self.scale = model, place, scale
        self.states, self.pooled = states, pooled
        if scale > 1:
            empty, short = nothing
            padded = empty.expand(len(states), -1, -1)
            self.without = padded, short.expand(len(states), -1)

    def __call__(self, x, now):
        wanted = self.look(x, now, self.states, self.pooled)
        if self.scale <= 1:
            return wanted
        unasked = self.look(x, now, *self.without)
        return unasked + self.scale * (wanted - unasked)

    def look(self, x, now, states, pooled):
        count = len(x)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return self.model(x, torch.full((count,), float(now)), states, pooled, self.place.features,
                              self.place.sizes.expand(count, -1)).float()


@torch.no_grad()
def on_the_way(guide, rng, noise):
    """Where runs of a few steps are before one of their later steps: timestep and latents. As at inference, from noise alone."""
    times = read_times(rng)
    fresh = rng.choice([0, 0, 0, 0.6, 1])  # an ancestral sampler renews the noise
    x = noise
    for now, then in zip(times[: rng.randint(1, len(times) - 1)], times[1:]):
        a, s = levels(torch.tensor([now]))
        v = guide(x, now)
        clean, error = a * x - s * v, s * x + a * v
        a, s = levels(torch.tensor([then]))
        x = a * clean + s * ((1 - fresh**2) ** 0.5 * error + fresh * torch.randn_like(x))
        reached = then
    return torch.full((len(noise),), reached), x


def own_loss(model, prompts, shapes, rng, count):
    """From where the model's own few steps have led to the clean picture."""
    place, batch = draw_batch(rng, rng.choice(SIZES), count)
    with torch.no_grad():
        clean, distance = scenes.latents(batch, shapes, place.layout.xs, place.layout.ys)
        states, pooled = prompts.read([s.caption for s in batch])
        scale = rng.uniform(1.5, 8) if rng.random() < 0.25 else 0
        guide = Guide(model, place, states, pooled, prompts.read([""]), scale)
        t, noisy = on_the_way(guide, rng, torch.randn_like(clean))
        a, s = levels(t)
        if scale:  # later on such a way the latents say what is asked: without words the answer is the same
            blank, short = prompts.read([""] * (count // 3), states.shape[1])
            states, pooled = states.clone(), pooled.clone()
            states[: count // 3], pooled[: count // 3] = blank, short
    with torch.autocast("cpu", dtype=torch.bfloat16):
        guess = model(noisy, t.float(), states, pooled, place.features, place.sizes.expand(count, -1))
    # By the picture: a velocity from latents that are not of this scene would weigh the last steps too much.
    return (weights(distance) * (a * noisy - s * guess.float() - clean) ** 2 / s).mean()


def base_loss(model, prompts, shapes, rng, count):
    place, batch = draw_batch(rng, rng.choice(SIZES), count)
    with torch.no_grad():
        clean, distance = scenes.latents(batch, shapes, place.layout.xs, place.layout.ys)
        states, pooled = prompts.read([s.caption for s in batch], words.LENGTH if rng.random() < 0.1 else None)
        t = draw_times(count)
        a, s = levels(t)
        noise = torch.randn_like(clean)
        # The last level still carries 7 % of a picture, the first step of a run has none: learn it from noise alone.
        bare = ((t >= 985) & (torch.rand(count) < 0.9)).float()[:, None, None, None]
        noisy = a * clean * (1 - bare) + s * noise
        target = a * noise - s * clean
    with torch.autocast("cpu", dtype=torch.bfloat16):
        guess = model(noisy, t.float(), states, pooled, place.features, place.sizes.expand(count, -1))
    # In bare noise the velocity holds a·noise, which can be read from the input.
    error = (guess.float() - target) ** 2
    return (weights(distance) * error).mean()


class Run:
    """The model, its moving average and its optimizers, and where they are kept."""

    def __init__(self, folder, rate):
        self.path = Path(folder) / "denoiser.pt"
        self.model = denoiser.Denoiser()
        inner = [p for n, p in self.model.named_parameters() if p.ndim >= 2 and not n.startswith(("leave", "queries"))]
        others = [p for p in self.model.parameters() if all(p is not q for q in inner)]
        self.optimizers = [muon.Muon(inner, 12 * rate), torch.optim.AdamW(others, rate, betas=(0.9, 0.98), weight_decay=1e-3)]
        self.rates = [group["lr"] / rate for o in self.optimizers for group in o.param_groups]
        self.step = self.learned = 0
        if self.path.exists():
            saved = torch.load(self.path)
            self.model.load_state_dict(saved["model"], strict=False)
            self.step = saved["step"]
            for optimizer, state in zip(self.optimizers, saved.get("optimizers", [])):
                if [len(g["params"]) for g in state["param_groups"]] == [len(g["params"]) for g in optimizer.param_groups]:
                    optimizer.load_state_dict(state)
        self.average = copy.deepcopy(self.model).requires_grad_(False)
        if self.path.exists():
            self.average.load_state_dict(saved["average"], strict=False)

    def save(self):
        state = {"model": self.model.state_dict(), "average": self.average.state_dict(), "step": self.step,
                 "optimizers": [o.state_dict() for o in self.optimizers]}
        torch.save(state, self.path.with_suffix(".new"))
        os.replace(self.path.with_suffix(".new"), self.path)

    def learn(self, loss, rate):
        groups = [group for o in self.optimizers for group in o.param_groups]
        for group, times in zip(groups, self.rates):
            group["lr"] = times * rate * min(1, (self.step + 1) / 300, (self.learned + 1) / 50)
        for optimizer in self.optimizers:
            optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
        self.step += 1
        self.learned += 1
        decay = min(0.998, (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            for kept, now in zip(self.average.parameters(), self.model.parameters()):
                kept.lerp_(now, 1 - decay)


def train(given):
    torch.manual_seed(int(time.time()))
    rng = random.Random(time.time())
    prompts, shapes = Prompts(given.work), scenes.Shapes()
    run = Run(given.work, given.rate)
    print(sum(p.numel() for p in run.model.parameters()), "parameters, from step", run.step, flush=True)
    started, saved, losses = time.time(), time.time(), ([], [])
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    while (part := (time.time() - started) / 60 / given.minutes) < 1 and not stopped:
        rate = given.rate * (max(0.02, 1 - part) if given.cool else 1)
        own = rng.random() < given.own
        loss = (own_loss if own else base_loss)(run.model, prompts, shapes, rng, given.batch)
        run.learn(loss, rate)
        losses[own].append(loss.item())
        if run.step % 50 == 0:
            means = " ".join(f"{sum(l) / max(1, len(l)):.4f}" for l in losses)
            print(run.step, f"{(time.time() - started) / 60:.1f} min, losses {means}", flush=True)
            losses = ([], [])
        if time.time() - saved > 120:
            run.save()
            saved = time.time()
    run.save()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--work", default="work", help="folder with tokenizer/ and text.pt; checkpoints go there")
    arguments.add_argument("--minutes", type=float, default=60)
    arguments.add_argument("--batch", type=int, default=48)
    arguments.add_argument("--rate", type=float, default=1e-3, help="learning rate")
    arguments.add_argument("--own", type=float, default=0.0, help="the share of batches on the model's own way through few steps")
    arguments.add_argument("--cool", action="store_true", help="let the learning rate fall to nothing until the end")
    train(arguments.parse_args())
