"""Scenes of coloured shapes: drawn at random, told in words, and laid out as latent fields or pixels.

A scene lives in coordinates where the shorter side of the picture spans -1..1 and y points down.
"""

import math
import random

import numpy as np
import torch
import torch.nn.functional as F

COLORS = {
    "red": (0.86, 0.10, 0.12),
    "orange": (0.97, 0.55, 0.08),
    "yellow": (0.98, 0.87, 0.15),
    "green": (0.13, 0.63, 0.25),
    "cyan": (0.15, 0.80, 0.85),
    "blue": (0.12, 0.27, 0.85),
    "purple": (0.50, 0.17, 0.70),
    "pink": (0.97, 0.50, 0.70),
    "white": (0.97, 0.97, 0.97),
    "black": (0.05, 0.05, 0.06),
    "gray": (0.50, 0.50, 0.52),
    "brown": (0.45, 0.27, 0.12),
}
COLOR_WORDS = {"gray": ["gray", "grey"], "purple": ["purple", "violet"], "cyan": ["cyan", "turquoise"]}
SHADES = ["", "dark", "light"]
SHADEABLE = ["red", "green", "blue", "purple", "pink", "brown", "gray", "orange"]
SHAPES = {
    "circle": ["circle", "circle", "disc", "disk", "dot", "ball"],
    "square": ["square", "square", "box"],
    "triangle": ["triangle"],
    "star": ["star"],
    "ring": ["ring", "ring", "donut", "hoop"],
    "diamond": ["diamond", "rhombus"],
    "cross": ["cross", "plus", "plus sign"],
    "heart": ["heart"],
    "hexagon": ["hexagon"],
    "crescent": ["crescent", "moon", "crescent moon"],
}
SIZES = {"small": ["small", "tiny", "little"], "medium": ["medium", "medium-sized"], "big": ["big", "large", "huge"]}
RADII = {"small": (0.23, 0.27), "medium": (0.34, 0.41), "big": (0.50, 0.58)}
PLACES = {
    "center": ((0, 0), ["in the center", "in the centre", "in the middle"]),
    "left": ((-1, 0), ["on the left", "on the left side", "at the left"]),
    "right": ((1, 0), ["on the right", "on the right side", "at the right"]),
    "top": ((0, -1), ["at the top", "on the top", "on top"]),
    "bottom": ((0, 1), ["at the bottom", "on the bottom"]),
    "top left": ((-1, -1), ["in the top left", "in the top left corner", "in the upper left corner", "at the top left"]),
    "top right": ((1, -1), ["in the top right", "in the top right corner", "in the upper right corner"]),
    "bottom left": ((-1, 1), ["in the bottom left", "in the bottom left corner", "in the lower left corner"]),
    "bottom right": ((1, 1), ["in the bottom right", "in the bottom right corner", "in the lower right corner"]),
}
RELATIONS = {  # how the first object lies to the second
    "left": ["left of", "to the left of", "and", "and", "next to", "beside", "with"],
    "right": ["right of", "to the right of"],
    "above": ["above", "over", "on top of"],
    "below": ["below", "under", "beneath"],
}
PREFIXES = ["a photo of", "a picture of", "an image of", "a drawing of", "a painting of", "draw", "an illustration of",
            "a poster of", "show me", "please draw"]
SUFFIXES = [", high quality", ", minimalist", ", 4k", ", flat design", ", digital art", ", vector art", ", simple",
            ", masterpiece", ", clean", "."]
BACKGROUNDS = ["on a {} background", "on a {} background", "on {}", ", {} background", "against a {} background",
               "with a {} background", "in front of a {} background", "on a plain {} background"]
NEGATIVES = ["", "", "worst quality, low quality", "blurry", "bad", "ugly, deformed"]

COLOR_NAMES, SHAPE_NAMES, SIZE_NAMES, PLACE_NAMES = list(COLORS), list(SHAPES), list(SIZES), list(PLACES)
ALIKE = {"hexagon": 6, "circle": 3, "square": 2, "diamond": 2, "cross": 2, "triangle": 1.5, "star": 1.5}  # drawn more often: easily mistaken
SHAPE_WEIGHTS = [ALIKE.get(name, 1) for name in SHAPES]
UNSAID = -1
TEMPERATURE = 0.09  # of the signed distance in the latent: tanh(distance / TEMPERATURE)
CHANNELS = 7  # the object's colour, the background's colour, the distance


def shaded(color, shade):
    rgb = np.array(COLORS[color])
    return rgb * 0.5 if shade == "dark" else rgb * 0.5 + 0.47 if shade == "light" else rgb


# ---------------------------------------------------------------------------------------------------- shapes

def outline(name, n=720):
    """Polygons (even-odd) of a shape of radius one."""
    t = np.arange(n) * 2 * math.pi / n
    ring = lambda r, cx=0.0, cy=0.0: np.stack([cx + r * np.cos(t), cy + r * np.sin(t)], 1)
    regular = lambda k, r, turn: np.array(
        [(r * math.sin(turn + 2 * math.pi * i / k), -r * math.cos(turn + 2 * math.pi * i / k)) for i in range(k)])
    if name == "circle":
        return [ring(0.95)]
    if name == "square":
        return [np.array([(-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)])]
    if name == "triangle":
        return [regular(3, 1.12, 0) + np.array([0, 0.22])]
    if name == "star":
        return [np.array([((1.08, 0.44)[i % 2] * math.sin(math.pi * i / 5), -(1.08, 0.44)[i % 2] * math.cos(math.pi * i / 5) + 0.06)
                          for i in range(10)])]
    if name == "ring":
        return [ring(1.0), ring(0.52)]
    if name == "diamond":
        return [np.array([(0, -1.1), (0.78, 0), (0, 1.1), (-0.78, 0)])]
    if name == "cross":
        a, b = 1.0, 0.34
        return [np.array([(-b, -a), (b, -a), (b, -b), (a, -b), (a, b), (b, b), (b, a), (-b, a), (-b, b), (-a, b), (-a, -b), (-b, -b)])]
    if name == "heart":
        x = 16 * np.sin(t) ** 3
        y = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
        return [np.stack([x / 16.5, (y - 2.0) / 15.5], 1)]
    if name == "hexagon":
        return [regular(6, 1.0, math.pi / 6)]
    if name == "crescent":
        # the disc of radius 1 without the disc of radius 0.8 about (0.5, 0), moved to the middle
        d, r = 0.5, 0.8
        x = (1 - r * r + d * d) / (2 * d)
        a, b = math.acos(x), math.acos((x - d) / r)
        outer = np.linspace(a, 2 * math.pi - a, n)
        inner = np.linspace(2 * math.pi - b, b, n)
        p = np.concatenate([np.stack([np.cos(outer), np.sin(outer)], 1), np.stack([d + r * np.cos(inner), r * np.sin(inner)], 1)])
        return [p + np.array([0.28, 0])]
    raise ValueError(name)


def distance_table(name, size, reach):
    """Signed distance (negative inside) on a grid over [-reach, reach]."""
    axis = np.linspace(-reach, reach, size)
    x, y = np.meshgrid(axis, axis)
    p = np.stack([x.ravel(), y.ravel()], 1)
    best = np.full(len(p), np.inf)
    inside = np.zeros(len(p), bool)
    for polygon in outline(name):
        for a, b in zip(polygon, np.roll(polygon, -1, 0)):
            ab = b - a
            u = np.clip(((p - a) @ ab) / (ab @ ab), 0, 1)
            best = np.minimum(best, ((p - a - u[:, None] * ab) ** 2).sum(1))
            if a[1] != b[1]:
                crosses = (a[1] > p[:, 1]) != (b[1] > p[:, 1])
                inside ^= crosses & (p[:, 0] < (b[0] - a[0]) * (p[:, 1] - a[1]) / (b[1] - a[1]) + a[0])
    return (np.sqrt(best) * np.where(inside, -1, 1)).reshape(size, size).astype(np.float32)


class Shapes:
    """Distance tables of all shapes."""

    reach = 3.0

    def __init__(self, size=256):
        self.tables = torch.tensor(np.stack([distance_table(n, size, self.reach) for n in SHAPE_NAMES]))[:, None]

    def distance(self, shape, x, y, radius):
        """shape, radius: [B]; x, y: [B,H,W], relative to the object's middle."""
        at = torch.stack([x, y], -1) / radius[:, None, None, None] / self.reach
        table = F.grid_sample(self.tables[shape], at, mode="bilinear", padding_mode="border", align_corners=True)
        return table[:, 0] * radius[:, None, None]


# ---------------------------------------------------------------------------------------------------- scenes

class Scene:
    """One or two objects on a background, and what its caption says of them (UNSAID where it does not)."""

    __slots__ = ("shapes", "colors", "places", "radii", "background", "caption", "said")


def pick_color(rng, avoid=()):
    while True:
        color = rng.choice(COLOR_NAMES)
        if color not in avoid:
            shade = rng.choice(SHADES[1:]) if color in SHADEABLE and rng.random() < 0.16 else ""
            return color, shade


def color_class(color, shade):
    return COLOR_NAMES.index(color) * 3 + SHADES.index(shade)


def color_words(rng, color, shade):
    word = rng.choice(COLOR_WORDS.get(color, [color]))
    return f"{shade} {word}" if shade else word


def article(rng, words):
    kind = rng.random()
    if kind < 0.12:
        return words
    if kind < 0.2:
        return "the " + words
    if kind < 0.24:
        return "one " + words
    return ("an " if words[0] in "aeiou" else "a ") + words


def pastel(rng):
    hue, saturation, value = rng.random(), rng.uniform(0.05, 0.3), rng.uniform(0.85, 0.98)
    k = [(n + hue * 6) % 6 for n in (5, 3, 1)]
    return np.array([value - value * saturation * max(0, min(q, 4 - q, 1)) for q in k])


def jitter(rng, amount):
    return rng.uniform(-amount, amount)


def describe(rng, shape, color, shade, size, tell_color, tell_size):
    noun = rng.choice(SHAPES[shape])
    adjectives = []
    if tell_size:
        adjectives.append(rng.choice(SIZES[size]))
    if tell_color:
        adjectives.append(color_words(rng, color, shade))
    if len(adjectives) == 2 and rng.random() < 0.08:
        adjectives.reverse()
    return article(rng, " ".join(adjectives + [noun]))


def is_held_out(shape, color, background):
    """Every eleventh combination of a shape, its colour and the background is kept from training, to test with. By place in the lists."""
    return (shape + 3 * color + 7 * background) % 11 == 0


def draw_scene(rng, ax=1.0, ay=1.0):
    """A random scene for a picture whose half sides are ax and ay (the shorter is 1)."""
    while True:
        scene = draw_any_scene(rng, ax, ay)
        said = scene.said
        if not any(shape != UNSAID and color != UNSAID and said["background"] != UNSAID
                   and is_held_out(shape, color // 3, said["background"] // 3)
                   for shape, color in zip(said["shape"], said["color"])):
            return scene


def draw_any_scene(rng, ax, ay):
    scene = Scene()
    two = rng.random() < 0.6
    count = 2 if two else 1
    tell_background = rng.random() < 0.85
    background = pick_color(rng)
    said = {"count": count - 1, "background": UNSAID, "relation": UNSAID,
            "shape": [UNSAID] * 2, "color": [UNSAID] * 2, "size": [UNSAID] * 2, "place": UNSAID}
    if tell_background:
        said["background"] = color_class(*background)
        scene.background = shaded(*background)
    else:
        scene.background = pastel(rng)
    colors = [pick_color(rng, avoid=(background[0],) if tell_background or i else ()) for i in range(count)]
    if two and colors[1] == colors[0] and rng.random() < 0.8:
        colors[1] = pick_color(rng, avoid=(background[0], colors[0][0]))
    shapes = rng.choices(SHAPE_NAMES, SHAPE_WEIGHTS, k=count)
    words = []
    scene.radii = []
    for i in range(count):
        tell_size = rng.random() < (0.25 if two else 0.5)
        tell_color = rng.random() < 0.95
        size = rng.choice(SIZE_NAMES) if tell_size else "medium"
        low, high = RADII[size] if tell_size else (0.31, 0.43)
        radius = rng.uniform(low, high) * (0.85 if two else 1)
        scene.radii.append(radius)
        said["shape"][i] = SHAPE_NAMES.index(shapes[i])
        said["color"][i] = color_class(*colors[i]) if tell_color else UNSAID
        said["size"][i] = SIZE_NAMES.index(size) if tell_size else UNSAID
        words.append(describe(rng, shapes[i], *colors[i], size, tell_color, tell_size))
    scene.shapes = [SHAPE_NAMES.index(s) for s in shapes]
    scene.colors = [shaded(*c) for c in colors]
    if two:
        relation = rng.choice(["left", "left", "left", "right", "above", "below"])
        said["relation"] = list(RELATIONS).index(relation)
        if rng.random() < 0.12 and relation in ("left", "above"):
            first, second = ("on the left", "on the right") if relation == "left" else ("at the top", "at the bottom")
            body = f"{words[0]} {first} and {words[1]} {second}"
        else:
            joint = rng.choice(RELATIONS[relation])
            body = f"{words[0]} {joint} {words[1]}"
        dx, dy = {"left": (-1, 0), "right": (1, 0), "above": (0, -1), "below": (0, 1)}[relation]
        scene.places = [(s * dx * 0.48 * ax + jitter(rng, 0.03), s * dy * 0.48 * ay + jitter(rng, 0.03)) for s in (1, -1)]
    else:
        tell_place = rng.random() < 0.5
        place = rng.choice(PLACE_NAMES) if tell_place else "center"
        said["place"] = PLACE_NAMES.index(place) if tell_place else UNSAID
        (px, py), phrases = PLACES[place]
        loose = 0.04 if tell_place else 0.10
        reach = min(0.5, 0.96 - scene.radii[0])  # a big object stays within the picture
        out_x = px * (reach + (ax - 1) * 0.5)
        out_y = py * (reach + (ay - 1) * 0.5)
        scene.places = [(out_x + jitter(rng, loose), out_y + jitter(rng, loose))]
        body = f"{words[0]} {rng.choice(phrases)}" if tell_place else words[0]
        if tell_place and rng.random() < 0.08:
            body = f"{rng.choice(phrases)}, {words[0]}"
    if tell_background:
        told = rng.choice(BACKGROUNDS).format(color_words(rng, *background)).replace("a orange", "an orange")
        if rng.random() < 0.08 and told.startswith("on a"):
            body = f"{told}, {body}"
        else:
            body = f"{body}{told}" if told.startswith(",") else f"{body}{rng.choice([' ', ' ', ' ', ', '])}{told}"
    if rng.random() < 0.15:
        body = f"{rng.choice(PREFIXES)} {body}"
    if rng.random() < 0.15:
        body += rng.choice(SUFFIXES)
    if rng.random() < 0.06:
        body = add_strange_words(rng, body)
    scene.caption, scene.said = body, said
    return scene


def add_strange_words(rng, text):
    """Words that mean nothing to the model, so that it learns to pass over them."""
    words = text.split(" ")
    for _ in range(rng.randint(1, 3)):
        strange = "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(3, 9)))
        words.insert(rng.choice([0, len(words)]), strange)
    return " ".join(words)


def without_words(rng, scene):
    """The same scene with a caption that says nothing of it."""
    scene.caption = rng.choice(NEGATIVES)
    scene.said = None
    return scene


# ---------------------------------------------------------------------------------------------------- fields

class Layout:
    """Where the cells of a latent grid lie for a picture of so many latents."""

    def __init__(self, height, width):
        """height, width: latents (an eighth of the pixels)."""
        self.height, self.width = height, width
        self.step = max(1, int(math.sqrt(height * width) / 32 + 0.5))
        short = min(height, width)
        self.ax, self.ay = width / short, height / short
        self.xs = self._axis(width) / (short / 2) - self.ax
        self.ys = self._axis(height) / (short / 2) - self.ay

    def _axis(self, size):
        cells = -(-size // self.step)
        cells = -(-cells // 4) * 4
        at = torch.clamp(torch.arange(cells) * self.step, max=size - 1)
        return at.float() + 0.5


def latents(scenes, shapes, xs, ys):
    """[B,7,H,W]: the field at each cell; colours and distance in -1…1, distance positive inside. And the plain distance [B,H,W]."""
    y, x = torch.meshgrid(ys, xs, indexing="ij")
    batch = len(scenes)
    first = object_distance(scenes, 0, shapes, x, y)
    second = object_distance(scenes, 1, shapes, x, y)
    distance = torch.minimum(first, second)
    nearer = (first <= second)[:, None].float()
    color = lambda values: torch.tensor(np.stack(values), dtype=torch.float32)[:, :, None, None] * 2 - 1
    one = color([s.colors[0] for s in scenes])
    two = color([s.colors[-1] for s in scenes])
    objects = one * nearer + two * (1 - nearer)
    background = color([s.background for s in scenes]).expand(batch, 3, *x.shape)
    return torch.cat([objects, background, -torch.tanh(distance / TEMPERATURE)[:, None]], 1), distance


def object_distance(scenes, i, shapes, x, y):
    pick = lambda values, empty: torch.tensor([v[i] if i < len(v) else empty for v in values])
    shape = pick([s.shapes for s in scenes], 0)
    radius = pick([s.radii for s in scenes], 0.3).float()
    cx = pick([[p[0] for p in s.places] for s in scenes], 50.0).float()[:, None, None]
    cy = pick([[p[1] for p in s.places] for s in scenes], 50.0).float()[:, None, None]
    away = (cx > 40).float() * 10
    return shapes.distance(shape, x[None] - cx, y[None] - cy, radius) + away


def pixels(scenes, shapes, height, width):
    """[B,3,H,W] in -1…1 with smooth edges one pixel wide."""
    short = min(height, width)
    axis = lambda n: (torch.arange(n).float() + 0.5) / (short / 2) - n / short
    field, distance = latents(scenes, shapes, axis(width), axis(height))
    cover = (0.5 - distance * (short / 2)).clamp(0, 1)[:, None]
    return field[:, :3] * cover + field[:, 3:6] * (1 - cover)
