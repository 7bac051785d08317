"""Writes the trained parts as a model directory in the layout that Optimum gives SDXL, weights in half precision."""

import argparse
import hashlib
import json
import math
import shutil
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn as nn
from onnx import TensorProto, helper, numpy_helper

import decoder
import denoiser
import scenes
import text
import train
import words

OPSET = 17


class TextGraph(nn.Module):
    """A text encoder with the outputs of CLIPTextModel(WithProjection)."""

    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids):
        states, last, pooled = self.encoder(input_ids)
        return (pooled, last, *states) if self.encoder.project else (last, pooled, *states)


class DenoiserGraph(nn.Module):
    """
    The denoiser with UNet2DConditionModel's inputs, at any size. It looks at every step-th latent (the noise level is the same on a
    sub-grid), enlarges the clean picture that it sees there, and answers the velocity towards it at all latents.
    """

    def __init__(self, model):
        super().__init__()
        self.model = model
        alphas = denoiser.ALPHAS.double()
        self.register_buffer("log_sigmas", (0.5 * torch.log((1 - alphas) / alphas)).float())

    def forward(self, sample, timestep, encoder_hidden_states, text_embeds, time_ids):
        shape = torch._shape_as_tensor(sample)
        batch, height, width = shape[0], shape[2], shape[3]
        step = torch.clamp((torch.sqrt((height * width).float()) / 32 + 0.5).long(), min=1)
        rows, columns = self.picks(height, step), self.picks(width, step)
        coarse = sample.index_select(2, rows).index_select(3, columns)

        short = torch.minimum(height, width).float()
        ax, ay = width.float() / short, height.float() / short
        xs, ys = (columns.float() + 0.5) / (short / 2) - ax, (rows.float() + 0.5) / (short / 2) - ay
        places = denoiser.coordinates(xs, ys, ax, ay)
        target = time_ids[:, 4:6].float()
        sizes = target / target.min(1, keepdim=True)[0]

        t = timestep.float().reshape(-1).expand(batch)
        low = torch.clamp(torch.floor(t), 0, 998).long()
        between = torch.clamp(t - low.float(), 0, 1)
        log_sigma = self.log_sigmas[low] * (1 - between) + self.log_sigmas[low + 1] * between
        sigma = torch.exp(log_sigma)[:, None, None, None]
        a, s = 1 / torch.sqrt(1 + sigma * sigma), sigma / torch.sqrt(1 + sigma * sigma)

        v = self.model(coarse, t, encoder_hidden_states, text_embeds, places, sizes)
        clean = a * coarse - s * v
        large = self.enlarge(height, rows, step) @ clean @ self.enlarge(width, columns, step).transpose(0, 1)
        return (a * sample - large) / s

    @staticmethod
    def picks(size, step):
        cells = torch.div(size + step - 1, step, rounding_mode="floor")
        cells = torch.div(cells + 3, 4, rounding_mode="floor") * 4
        return torch.minimum(torch.arange(cells) * step, size - 1)

    @staticmethod
    def enlarge(size, picks, step):
        at = torch.arange(size).float() / step.float()
        d = (at[:, None] - torch.arange(torch._shape_as_tensor(picks)[0]).float()[None]).abs()
        near = 1.5 * d * d * d - 2.5 * d * d + 1
        far = -0.5 * d * d * d + 2.5 * d * d - 4 * d + 2
        weight = torch.where(d < 1, near, torch.where(d < 2, far, torch.zeros_like(d)))
        return weight / weight.sum(1, keepdim=True)


def write_graph(model, inputs, names, outputs, axes, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(model.eval(), inputs, str(path), input_names=names, output_names=outputs, dynamic_axes=axes, opset_version=OPSET,
                      do_constant_folding=False)  # so that weights keep their names, for published() to read them back
    onnx.save(halved(onnx.load(str(path))), str(path))


def halved(model):
    """Weights stored in half precision and widened on load; the arithmetic stays in single precision."""
    graph, casts = model.graph, []
    for tensor in list(graph.initializer):
        if tensor.data_type == TensorProto.FLOAT and np.prod(tensor.dims) >= 64:
            values = numpy_helper.to_array(tensor).astype(np.float16)
            graph.initializer.remove(tensor)
            graph.initializer.append(numpy_helper.from_array(values, tensor.name + ".half"))
            casts.append(helper.make_node("Cast", [tensor.name + ".half"], [tensor.name], to=TensorProto.FLOAT))
    for cast in reversed(casts):
        graph.node.insert(0, cast)
    model.producer_name, model.producer_version = "leyden", ""
    for node in graph.node:
        node.doc_string = ""
    return model


def published(path):
    """The weights in a graph that write_graph() has written, by their parameters' names."""
    tensors = {t.name.removesuffix(".half"): numpy_helper.to_array(t) for t in onnx.load(str(path)).graph.initializer}
    return {name: torch.tensor(values.astype(np.float32)) for name, values in tensors.items()}


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n")


def export(work, out, wide=1):
    work, out = Path(work), Path(out)
    tokenizer = words.Tokenizer.load(work / "tokenizer")
    tokenizer.save(out / "tokenizer", words.END)
    tokenizer.save(out / "tokenizer_2", words.END)
    texts = text.TextModel(tokenizer)
    texts.load_state_dict(torch.load(work / "text.pt")["text"])
    ids = torch.tensor([tokenizer.encode("a red circle"), tokenizer.encode("")])
    for folder, encoder in (("text_encoder", texts.one), ("text_encoder_2", texts.two)):
        hidden = [f"hidden_states.{i}" for i in range(len(encoder.blocks) + 1)]
        first = ["text_embeds", "last_hidden_state"] if encoder.project else ["last_hidden_state", "pooler_output"]
        axes = {n: {0: "batch_size", 1: "sequence_length"} for n in ["input_ids", "last_hidden_state", *hidden]}
        axes |= {n: {0: "batch_size"} for n in ("text_embeds", "pooler_output") if n in first}
        write_graph(TextGraph(encoder), (ids,), ["input_ids"], first + hidden, axes, out / folder / "model.onnx")
        config = {"architectures": ["CLIPTextModelWithProjection" if encoder.project else "CLIPTextModel"], "model_type": "clip_text_model",
                  "hidden_size": encoder.width, "num_hidden_layers": len(encoder.blocks), "num_attention_heads": 4,
                  "max_position_embeddings": words.LENGTH, "vocab_size": len(tokenizer.vocab), "hidden_act": "gelu",
                  "bos_token_id": tokenizer.start, "eos_token_id": tokenizer.end, "pad_token_id": tokenizer.end}
        write_json(out / folder / "config.json", config | ({"projection_dim": encoder.pooled} if encoder.project else {}))

    model = denoiser.Denoiser(fine=96 * wide, coarse=176 * wide)
    if wide == 1:
        model.load_state_dict(torch.load(work / "denoiser.pt")["average"])
    states, pooled = texts.one.width + texts.two.width, texts.two.pooled
    inputs = (torch.randn(2, scenes.CHANNELS, 40, 64), torch.tensor([500.0]), torch.randn(2, words.LENGTH, states), torch.randn(2, pooled),
              torch.tensor([[320.0, 512, 0, 0, 320, 512]] * 2))
    axes = {"sample": {0: "batch_size", 2: "height", 3: "width"}, "timestep": {0: "steps"}, "encoder_hidden_states": {0: "batch_size", 1: "sequence_length"},
            "text_embeds": {0: "batch_size"}, "time_ids": {0: "batch_size"}, "out_sample": {0: "batch_size", 2: "height", 3: "width"}}
    names = ["sample", "timestep", "encoder_hidden_states", "text_embeds", "time_ids"]
    write_graph(DenoiserGraph(model), inputs, names, ["out_sample"], axes, out / "unet" / "model.onnx")
    write_json(out / "unet" / "config.json", {
        "_class_name": "UNet2DConditionModel", "in_channels": scenes.CHANNELS, "out_channels": scenes.CHANNELS, "sample_size": 128,
        "cross_attention_dim": states, "addition_embed_type": "text_time", "block_out_channels": [model.fine]})  # one level: the graph takes any size

    painter = decoder.Decoder()
    painter.load_state_dict(torch.load(work / "decoder.pt")["decoder"])
    axes = {"latent_sample": {0: "batch_size", 2: "height_latent", 3: "width_latent"}, "sample": {0: "batch_size", 2: "height", 3: "width"}}
    write_graph(painter, (torch.randn(1, scenes.CHANNELS, 40, 64),), ["latent_sample"], ["sample"], axes, out / "vae_decoder" / "model.onnx")
    write_json(out / "vae_decoder" / "config.json", {
        "_class_name": "AutoencoderKL", "in_channels": 3, "out_channels": 3, "latent_channels": scenes.CHANNELS, "scaling_factor": 1.0,
        "block_out_channels": [24, 24, 24, 24], "sample_size": 1024})

    write_json(out / "scheduler" / "scheduler_config.json", {
        "_class_name": "EulerDiscreteScheduler", "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear",
        "num_train_timesteps": 1000, "prediction_type": "v_prediction", "timestep_spacing": "trailing", "steps_offset": 1,
        "set_alpha_to_one": True, "skip_prk_steps": True, "clip_sample": False, "interpolation_type": "linear", "use_karras_sigmas": False})
    write_json(out / "model_index.json", {
        "_class_name": "StableDiffusionXLPipeline", "force_zeros_for_empty_prompt": False, "scheduler": ["diffusers", "EulerDiscreteScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"], "text_encoder_2": ["transformers", "CLIPTextModelWithProjection"],
        "tokenizer": ["transformers", "CLIPTokenizer"], "tokenizer_2": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"],
        "leyden": {"name": "shapes", "notice": "The built-in model knows coloured shapes only."}})
    total = sum(f.stat().st_size for f in out.rglob("*") if f.is_file() and "training" not in f.parts)
    print(f"{total / 1e6:.2f} MB in {out}")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--work", default="work", help="folder with checkpoints")
    arguments.add_argument("--out", default="..", help="the model directory to write")
    arguments.add_argument("--wide", type=int, default=1, help="an untrained denoiser so many times as wide, to measure a slower one with")
    given = arguments.parse_args()
    export(given.work, given.out, given.wide)
