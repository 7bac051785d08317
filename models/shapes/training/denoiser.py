"""The denoiser: a convolutional U-Net over a coarse grid of the latents, conditioned on the prompt, the noise level and the place."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

import scenes

BETAS = torch.linspace(0.00085 ** 0.5, 0.012 ** 0.5, 1000, dtype=torch.float64) ** 2  # SDXL's scaled linear schedule
ALPHAS = torch.cumprod(1 - BETAS, 0).float()
WAVES = 4  # octaves of the coordinates
CODE = 40  # numbers that tell a cell of its object


def waves(t, width, longest=10_000.0):
    """Sines and cosines of a number per sample: [B] → [B,width]."""
    rates = torch.exp(-math.log(longest) * torch.arange(width // 2) / (width // 2))
    at = t[:, None] * rates[None]
    return torch.cat([at.sin(), at.cos()], 1)


def coordinates(xs, ys, ax, ay):
    """Where each latent lies, as features: [1,4+4·WAVES,H,W]."""
    y, x = torch.meshgrid(ys, xs, indexing="ij")
    parts = [x, y, x / ax, y / ay]
    for octave in range(WAVES):
        for v in (x, y):
            parts += [torch.sin(v * math.pi * 2.0 ** (octave - 1)), torch.cos(v * math.pi * 2.0 ** (octave - 1))]
    return torch.stack(parts)[None]


class Norm(nn.GroupNorm):
    """A group norm in single precision also where convolutions run in bfloat16."""

    def forward(self, x):
        return super().forward(x.float())


class Residual(nn.Module):
    """Two convolutions, the second's input scaled and shifted by the condition, and cell by cell by the code of the object there."""

    def __init__(self, taken, given, condition, code=0):
        super().__init__()
        self.norm1, self.conv1 = Norm(8, taken), nn.Conv2d(taken, given, 3, padding=1)
        self.norm2, self.conv2 = Norm(8, given, affine=False), nn.Conv2d(given, given, 3, padding=1)
        self.film = nn.Linear(condition, 2 * given)
        self.skip = nn.Conv2d(taken, given, 1) if taken != given else nn.Identity()
        nn.init.zeros_(self.conv2.weight)
        nn.init.zeros_(self.conv2.bias)
        if code:
            self.local = nn.Conv2d(code, 2 * given, 1)
            nn.init.zeros_(self.local.weight)
            nn.init.zeros_(self.local.bias)

    def forward(self, x, condition, codes=None):
        """codes: [B,code,H,W] of the cells, or none."""
        film = self.film(condition)[:, :, None, None]
        scale, shift = (film if codes is None else film + self.local(codes)).chunk(2, 1)
        h = self.norm2(self.conv1(F.silu(self.norm1(x)))) * (1 + scale) + shift
        return self.skip(x) + self.conv2(F.silu(h))


class Slots(nn.Module):
    """Attention of every cell to a few vectors read from the condition: which object a cell belongs to."""

    def __init__(self, channels, condition, slots=6, width=32, code=CODE):
        super().__init__()
        self.slots, self.width, self.code = slots, width, code
        self.norm, self.query = Norm(8, channels), nn.Conv2d(channels, width, 1)
        self.keys, self.values = nn.Linear(condition, slots * width), nn.Linear(condition, slots * channels)
        nn.init.zeros_(self.values.weight)
        nn.init.zeros_(self.values.bias)
        self.codes = nn.Linear(condition, slots * code)

    def forward(self, x, condition):
        """The cells with what was read added to them, and the code of each cell's object: [B,code,H,W]."""
        query = self.query(self.norm(x)).float().flatten(2)
        keys = self.keys(condition).float().reshape(-1, self.slots, self.width)
        weight = (keys @ query / math.sqrt(self.width)).softmax(1)  # [B,slots,cells]
        values = self.values(condition).float().reshape(-1, self.slots, x.shape[1])
        codes = F.silu(self.codes(condition).float()).reshape(-1, self.slots, self.code)
        seen = (codes.transpose(1, 2) @ weight).reshape(x.shape[0], self.code, *x.shape[2:])
        return x + (values.transpose(1, 2) @ weight).reshape(x.shape), seen


class Denoiser(nn.Module):
    """Predicts the velocity a·noise − s·latents (Salimans & Ho 2022) on the coarse grid."""

    def __init__(self, states=224, pooled=192, fine=96, coarse=176, condition=256, queries=4):
        super().__init__()
        self.fine, self.coarse = fine, coarse
        self.queries = nn.Parameter(torch.randn(queries, 64) * 0.1)
        self.keys, self.values = nn.Linear(states, 64, bias=False), nn.Linear(states, 48, bias=False)
        given = pooled + queries * 48
        self.words = nn.Sequential(nn.LayerNorm(given), nn.Linear(given, 2 * condition), nn.SiLU(), nn.Linear(2 * condition, condition))
        self.time = nn.Sequential(nn.Linear(64 + 2, condition), nn.SiLU(), nn.Linear(condition, condition))
        self.mix = nn.Sequential(nn.SiLU(), nn.Linear(condition, condition), nn.SiLU())
        taken = 4 * (scenes.CHANNELS + 4 + 4 * WAVES)
        self.enter = nn.Conv2d(taken, fine, 3, padding=1)
        self.down1 = Residual(fine, fine, condition)
        self.down2 = Residual(fine, fine, condition, CODE)
        self.shrink = nn.Conv2d(fine, coarse, 3, stride=2, padding=1)
        self.middle1 = Residual(coarse, coarse, condition)
        self.middle2 = Residual(coarse, coarse, condition, CODE)
        self.slots1, self.slots2, self.slots3 = Slots(fine, condition), Slots(coarse, condition), Slots(fine, condition)
        self.grow = nn.Conv2d(coarse, fine, 1)
        self.up1 = Residual(2 * fine, fine, condition)
        self.up2 = Residual(2 * fine, fine, condition, CODE)
        self.up3 = Residual(fine, fine, condition, CODE)
        self.norm, self.leave = Norm(8, fine), nn.Conv2d(fine, 4 * scenes.CHANNELS, 3, padding=1)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def condition(self, t, states, pooled, sizes):
        """t: [B] timesteps; states: [B,N,states]; pooled: [B,pooled]; sizes: [B,2] half sides of the picture."""
        weight = (self.keys(states) @ self.queries.T / 8).softmax(1)  # [B,N,queries]
        read = (weight.transpose(1, 2) @ self.values(states)).flatten(1)
        noise = self.time(torch.cat([waves(t, 64), torch.log(sizes)], 1))
        return self.mix(self.words(torch.cat([pooled, read], 1)) + noise)

    def forward(self, x, t, states, pooled, places, sizes):
        """x: [B,7,H,W] noisy latents of unit variance, H and W divisible by 4; places: [1 or B,features,H,W] of coordinates()."""
        condition = self.condition(t, states, pooled, sizes)
        places = places.expand(x.shape[0], -1, -1, -1)
        first = self.enter(F.pixel_unshuffle(torch.cat([x, places], 1), 2))
        one = self.down1(first, condition)
        seen, codes = self.slots1(one, condition)
        two = self.down2(seen, condition, codes)
        middle, codes = self.slots2(self.middle1(self.shrink(two), condition), condition)
        middle = self.middle2(middle, condition, codes)
        h = F.interpolate(self.grow(middle), scale_factor=2.0, mode="nearest")
        h = self.up1(torch.cat([h, two], 1), condition)
        h, codes = self.slots3(h, condition)
        h = self.up2(torch.cat([h, one], 1), condition, codes)
        h = self.up3(h, condition, codes)
        return F.pixel_shuffle(self.leave(F.silu(self.norm(h))), 2)
