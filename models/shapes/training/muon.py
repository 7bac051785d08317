"""Muon: momentum whose update of a matrix is made orthogonal, so that all its directions move alike (Jordan et al. 2024)."""

import torch


def orthogonal(matrix, rounds=5):
    """Brings all singular values near one by Newton-Schulz iterations of the fifth order."""
    wide = matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
    x = wide / (wide.norm() + 1e-7)
    for _ in range(rounds):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x.T if matrix.shape[0] > matrix.shape[1] else x


class Muon(torch.optim.Optimizer):
    """For weights of two and more dimensions; the first is the output's."""

    def __init__(self, parameters, lr, momentum=0.9, decay=0.01):
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                past = self.state[weight].setdefault("momentum", torch.zeros_like(weight))
                past.mul_(group["momentum"]).add_(weight.grad)
                ahead = (weight.grad + group["momentum"] * past).flatten(1)
                scale = max(1, ahead.shape[0] / ahead.shape[1]) ** 0.5
                weight.mul_(1 - group["lr"] * group["decay"])
                weight.add_(orthogonal(ahead).view_as(weight), alpha=-group["lr"] * scale)
