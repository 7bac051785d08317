"""The decoder: latents to pixels. It enlarges eight times and mixes the object's and the background's colour along the distance's zero line."""

import argparse
import random
import time
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

import scenes

FACTOR = 8


class Decoder(nn.Module):
    """[B,7,h,w] → [B,3,8h,8w] in -1…1."""

    def __init__(self, width=24):
        super().__init__()
        self.smooth = nn.Sequential(
            nn.Conv2d(scenes.CHANNELS, width, 3, padding=1, padding_mode="replicate"), nn.SiLU(),
            nn.Conv2d(width, scenes.CHANNELS, 3, padding=1, padding_mode="replicate"))
        nn.init.zeros_(self.smooth[2].weight)
        nn.init.zeros_(self.smooth[2].bias)
        self.colors = nn.Conv2d(scenes.CHANNELS, 6, 1)
        self.sharpness = nn.Parameter(torch.tensor(1.5).log())
        self.flat = nn.Parameter(torch.tensor(1e-3).log())

    def forward(self, latents):
        smooth = latents + self.smooth(latents)
        colors = F.interpolate(self.colors(smooth), scale_factor=float(FACTOR), mode="bilinear", align_corners=False)
        line = F.interpolate(smooth[:, 6:7], scale_factor=float(FACTOR), mode="bilinear", align_corners=False)
        wide, tall = F.pad(line, (1, 1, 0, 0), mode="replicate"), F.pad(line, (0, 0, 1, 1), mode="replicate")
        slope_x, slope_y = (wide[:, :, :, 2:] - wide[:, :, :, :-2]) / 2, (tall[:, :, 2:] - tall[:, :, :-2]) / 2
        slope = torch.sqrt(slope_x * slope_x + slope_y * slope_y + self.flat.exp() ** 2)
        cover = torch.sigmoid(self.sharpness.exp() * line / slope)
        return colors[:, :3] * cover + colors[:, 3:] * (1 - cover)


def interpolation(given, taken, step):
    """The matrix [given,taken] that enlarges a line of cells, every step-th latent, to all latents (Catmull-Rom)."""
    at = torch.arange(given).float() / step
    d = (at[:, None] - torch.arange(taken).float()[None]).abs()
    near = 1.5 * d ** 3 - 2.5 * d ** 2 + 1
    far = -0.5 * d ** 3 + 2.5 * d ** 2 - 4 * d + 2
    weight = torch.where(d < 1, near, torch.where(d < 2, far, torch.zeros_like(d)))
    return weight / weight.sum(1, keepdim=True)


def example(rng, shapes):
    """Latents as a denoiser gives them, and the picture that they stand for."""
    height, width = rng.choice([(32, 32), (64, 64), (48, 48), (40, 64), (128, 128), (96, 128), (160, 160), (160, 32)])
    layout = scenes.Layout(height, width)
    batch = [scenes.draw_scene(rng, layout.ax, layout.ay)]
    coarse, _ = scenes.latents(batch, shapes, layout.xs, layout.ys)
    coarse = coarse + torch.randn_like(coarse) * rng.uniform(0, 0.06)
    rows, columns = interpolation(height, coarse.shape[2], layout.step), interpolation(width, coarse.shape[3], layout.step)
    latents = rows @ coarse @ columns.T
    latents = latents + torch.randn_like(latents) * rng.choice([0, 0, 0.03])
    return latents, scenes.pixels(batch, shapes, height * FACTOR, width * FACTOR)


def train(folder, minutes):
    torch.manual_seed(1)
    rng, shapes, model = random.Random(1), scenes.Shapes(), Decoder()
    with torch.no_grad():
        model.colors.weight.copy_(torch.eye(6, scenes.CHANNELS)[:, :, None, None])
        model.colors.bias.zero_()
    optimizer = torch.optim.Adam(model.parameters(), 2e-3)
    started, step, losses = time.time(), 0, []
    while (part := (time.time() - started) / 60 / minutes) < 1:
        for group in optimizer.param_groups:
            group["lr"] = 2e-3 * (1 - part)
        latents, picture = example(rng, shapes)
        loss = (model(latents) - picture).abs().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        step += 1
        losses.append(loss.item())
        if step % 50 == 0:
            print(step, f"{part:.2f} error {sum(losses) / len(losses):.5f} sharpness {model.sharpness.exp().item():.2f}", flush=True)
            losses.clear()
            torch.save({"decoder": model.state_dict()}, Path(folder) / "decoder.pt")
    torch.save({"decoder": model.state_dict()}, Path(folder) / "decoder.pt")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--work", default="work", help="folder for checkpoints")
    arguments.add_argument("--minutes", type=float, default=5)
    given = arguments.parse_args()
    train(given.work, given.minutes)
