"""The RTS network: an embedding and a temperature that says how far a picture is from what it was trained on.

Source: Shang et al., Improving Training and Inference of Face Recognition Models via Random Temperature Scaling, AAAI
2023 (arXiv 2212.01015). An improved-residual network of 30 units with squeeze and excitation, 112 x 112, and two heads
for the logarithm of the variance, of which one is used. Its tensors are named as in the published checkpoint.
"""

from typing import Any

import torch
from torch import nn

EMBEDDING = 512
SIDE_PX = 112
_FLAT = 512 * 7 * 7
_REDUCTION = 16
STAGES = ((3, 64), (8, 128), (16, 256), (3, 512))
"""Units of each stage and the channels they end with; the first unit of a stage halves the picture."""


class _Excitation(nn.Module):  # type: ignore[misc]  # torch is not typed here
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.fc1 = nn.Conv2d(channels, channels // _REDUCTION, 1, bias=False)
        self.fc2 = nn.Conv2d(channels // _REDUCTION, channels, 1, bias=False)

    def forward(self, x: Any) -> Any:  # noqa: ANN401 - torch is not typed here
        weight = torch.relu(self.fc1(x.mean((2, 3), keepdim=True)))
        return x * torch.sigmoid(self.fc2(weight))


class _Unit(nn.Module):  # type: ignore[misc]  # torch is not typed here
    def __init__(self, taken: int, given: int, stride: int) -> None:
        super().__init__()
        self.res_layer = nn.Sequential(
            nn.BatchNorm2d(taken),
            nn.Conv2d(taken, given, 3, 1, 1, bias=False),
            nn.PReLU(given),
            nn.Conv2d(given, given, 3, stride, 1, bias=False),
            nn.BatchNorm2d(given),
            _Excitation(given),
        )
        self.shortcut_layer: nn.Module = nn.MaxPool2d(1, stride)
        if taken != given:
            self.shortcut_layer = nn.Sequential(nn.Conv2d(taken, given, 1, stride, bias=False), nn.BatchNorm2d(given))

    def forward(self, x: Any) -> Any:  # noqa: ANN401 - torch is not typed here
        return self.shortcut_layer(x) + self.res_layer(x)


class RtsNetwork(nn.Module):  # type: ignore[misc]  # torch is not typed here
    """Gives `embedding` (N, 512), length 1, and `score` (N, 1), above 0.

    Args:
        alpha: width of the second head, read from the checkpoint.
        uses_plus: takes the score from the second head, as the mean of its numbers, instead of the first.
        stages: depth and width; those of the published network unless a test wants a shallow one.
    """

    def __init__(self, alpha: int, *, uses_plus: bool, stages: tuple[tuple[int, int], ...] = STAGES) -> None:
        super().__init__()
        units: list[nn.Module] = []
        taken = 64
        for count, given in stages:
            for number in range(count):
                units.append(_Unit(taken, given, 2 if number == 0 else 1))
                taken = given
        stem = nn.Sequential(nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.PReLU(64))
        self.features = nn.Sequential(stem, nn.Sequential(*units), nn.Sequential(nn.BatchNorm2d(512), nn.Flatten()))
        self.features_backbone = _head(EMBEDDING)
        self.logvar_rts_backbone = _head(1)
        self.logvar_rts_plus_backbone = _head(alpha)
        self._uses_plus = uses_plus

    def forward(self, x: Any) -> tuple[Any, Any]:  # noqa: ANN401 - torch is not typed here
        """Runs the network.

        Args:
            x: (N, 3, 112, 112) float32, RGB, -1..1.
        """
        flat = self.features(x)
        vector = self.features_backbone(flat)
        head = self.logvar_rts_plus_backbone if self._uses_plus else self.logvar_rts_backbone
        score = torch.exp(head(flat)).mean(1, keepdim=True)
        return vector / vector.norm(dim=1, keepdim=True).clamp_min(1e-12), score


def _head(width: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(_FLAT, width), nn.BatchNorm1d(width))
