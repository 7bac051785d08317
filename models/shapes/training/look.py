"""Draws a contact sheet with the moving average of a checkpoint: K_EULER, four steps."""

import argparse
from pathlib import Path

import torch
from PIL import Image

import denoiser
import scenes
import train

PROMPTS = ["a red circle on a blue background", "a small yellow star on the left, black background", "a big green heart on white",
           "a purple triangle on the right, orange background", "a blue square and a red circle on a white background",
           "a pink moon at the top on gray", "a white ring in the center on brown", "a cyan hexagon",
           "a big orange diamond on the bottom, purple background", "a black cross on a yellow background",
           "a green star left of a white square on a red background", "a brown moon on cyan",
           "a yellow triangle above a blue heart on a pink background", "a red star in the bottom right corner, dark blue background",
           "A superhero smiling", "a white heart", "a small purple diamond in the top left on white", "a big black ring on orange",
           "an orange hexagon next to a cyan cross on black", "a gray circle under a red triangle, light green background"]


@torch.no_grad()
def euler(model, prompts, captions, size, steps=4, seed=0):
    place = train.Place.of(size)
    states, pooled = prompts.read(captions, 77)
    count = len(captions)
    times = [round(1000 - i * 1000 / steps) - 1 for i in range(steps)]
    sigmas = [((1 - denoiser.ALPHAS[t]) / denoiser.ALPHAS[t]).sqrt().item() for t in times] + [0.0]
    generator = torch.Generator().manual_seed(seed)
    shape = (count, scenes.CHANNELS, len(place.layout.ys), len(place.layout.xs))
    x = torch.randn(shape, generator=generator) * (sigmas[0] ** 2 + 1) ** 0.5
    for i, t in enumerate(times):
        a, s = train.levels(torch.tensor([t]))
        scaled = x / (sigmas[i] ** 2 + 1) ** 0.5
        v = model(scaled, torch.full((count,), float(t)), states, pooled, place.features, place.sizes.expand(count, -1))
        x = x + (sigmas[i + 1] - sigmas[i]) * (s * scaled + a * v)
    return x


def paint(x, factor=8):
    big = torch.nn.functional.interpolate(x, scale_factor=float(factor), mode="bicubic")
    gx = torch.nn.functional.pad(big[:, 6:7, :, 2:] - big[:, 6:7, :, :-2], (1, 1, 0, 0), mode="replicate") / 2
    gy = torch.nn.functional.pad(big[:, 6:7, 2:] - big[:, 6:7, :-2], (0, 0, 1, 1), mode="replicate") / 2
    cover = torch.sigmoid(4 * big[:, 6:7] / ((gx ** 2 + gy ** 2).sqrt() + 1e-3))
    return (big[:, :3] * cover + big[:, 3:6] * (1 - cover)).clamp(-1, 1)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--work", default="work")
    arguments.add_argument("--out", default="sheet.png")
    arguments.add_argument("--steps", type=int, default=4)
    arguments.add_argument("--seed", type=int, default=0)
    given = arguments.parse_args()
    torch.set_num_threads(1)
    model = denoiser.Denoiser()
    model.load_state_dict(torch.load(Path(given.work) / "denoiser.pt")["average"])
    pictures = paint(euler(model.eval(), train.Prompts(given.work), PROMPTS, (128, 128), given.steps, given.seed), 6)
    rows = [torch.cat(list(pictures[i : i + 5]), 2) for i in range(0, len(PROMPTS), 5)]
    sheet = ((torch.cat(rows, 1) + 1) * 127.5).clamp(0, 255).byte().permute(1, 2, 0).numpy()
    Image.fromarray(sheet).save(given.out)
