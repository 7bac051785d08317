"""Makes a work folder out of a model directory that export.py has written, to train on from it."""

import argparse
import shutil
from pathlib import Path

import torch

import decoder
import denoiser
import export
import text
import words


def take(module, path, prefix=""):
    """Loads a module's weights from a graph; those that were stored in half precision stay rounded to it."""
    weights = export.published(path)
    module.load_state_dict({name: weights[prefix + name].reshape(value.shape) for name, value in module.state_dict().items()})
    return module.state_dict()


def restore(model, work):
    model, work = Path(model), Path(work)
    work.mkdir(parents=True, exist_ok=True)
    shutil.copytree(model / "tokenizer", work / "tokenizer", dirs_exist_ok=True)
    texts = text.TextModel(words.Tokenizer.load(work / "tokenizer"))
    take(texts.one, model / "text_encoder" / "model.onnx", "encoder.")
    take(texts.two, model / "text_encoder_2" / "model.onnx", "encoder.")
    torch.save({"text": texts.state_dict()}, work / "text.pt")
    torch.save({"decoder": take(decoder.Decoder(), model / "vae_decoder" / "model.onnx")}, work / "decoder.pt")
    weights = take(denoiser.Denoiser(), model / "unet" / "model.onnx", "model.")
    torch.save({"model": weights, "average": weights, "step": 1000}, work / "denoiser.pt")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--model", default="..")
    arguments.add_argument("--work", default="work")
    given = arguments.parse_args()
    restore(given.model, given.work)
