"""Builds the MiniFASNet liveness models from the authors' torch checkpoints, without torch.

Source: minivision-ai/Silent-Face-Anti-Spoofing, src/model_lib/MiniFASNet.py; the pruned widths are those of its
released weights.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import onnx

from doorward_daemon.packs.build.builder import BuildRequest, wrong_source
from doorward_daemon.packs.build.fasnet_layers import ConvPlan, FasnetLayers, TensorMismatch
from doorward_daemon.packs.build.starter_graph import GraphSketch
from doorward_daemon.packs.build.torch_checkpoint import read_checkpoint
from doorward_daemon.packs.build.torch_pickle import RefusedPickle

_INPUT_PX = 80
_CLASSES = 3
_FEATURES = 128


@dataclass(frozen=True, slots=True)
class _Net:
    widths: tuple[int, ...]
    """Channels after each convolution, in the order of the forward pass, as the authors' pruning left them."""
    squeeze: bool
    """Whether the last block of each stage has squeeze and excitation."""


def _widths(text: str) -> tuple[int, ...]:
    return tuple(int(width) for width in text.split())


_NETS: Final = {
    "MiniFASNetV1SE": _Net(
        _widths(
            "32 32 103 103 64 13 13 64 26 26 64 13 13 64 52 52 64 231 231 128 154 154 128 52 52 128 26 26 128 "
            "52 52 128 26 26 128 26 26 128 308 308 128 26 26 128 26 26 128 512 512"
        ),
        squeeze=True,
    ),
    "MiniFASNetV2": _Net(
        _widths(
            "32 32 103 103 64 13 13 64 13 13 64 13 13 64 13 13 64 231 231 128 231 231 128 52 52 128 26 26 128 "
            "77 77 128 26 26 128 26 26 128 308 308 128 26 26 128 26 26 128 512 512"
        ),
        squeeze=False,
    ),
}

# (name, blocks): a stage of one block halves the picture, a stage of several keeps it and adds each block's input.
_STAGES: Final = (("conv_23", 1), ("conv_3", 4), ("conv_34", 1), ("conv_4", 6), ("conv_45", 1), ("conv_5", 2))


def build_minifasnet(request: BuildRequest) -> None:
    """Rebuilds one network; which one, the last part of the checkpoint's name says (<scale>_<size>_<net>.pth).

    Raises:
        Conflict: PACK_DAMAGED, the checkpoint asks for anything but tensors, or holds other tensors than the network's.
    """
    ((name, path),) = request.sources.items()
    net = _NETS[path.stem.rsplit("_", 1)[1]]
    try:
        # Only the leading prefix goes: se_module. stands in the middle of some names.
        tensors = {key.removeprefix("module."): tensor for key, tensor in read_checkpoint(path).items()}
        layers = FasnetLayers(GraphSketch(request.model.name), tensors)
        logits = _network(layers, net, request.model.input.name, request.model.outputs[0])
        layers.check_all_used()
    except (RefusedPickle, TensorMismatch) as error:
        raise wrong_source(request, name, error.found, error.expected) from error
    model = layers.sketch.model(
        request.model.input.name, ("faces", 3, _INPUT_PX, _INPUT_PX), {logits: ("faces", _CLASSES)}
    )
    onnx.save(model, request.target)


def _network(layers: FasnetLayers, net: _Net, value: str, output: str) -> str:
    width = iter(net.widths)
    channels = next(width)
    value = layers.conv("conv1", value, (3, channels), ConvPlan(kernel=3, stride=2))
    value = layers.conv("conv2_dw", value, (channels, next(width)), ConvPlan(kernel=3, depthwise=True))
    for stage, blocks in _STAGES:
        value, channels = _stage(layers, stage, blocks, (value, channels), (width, net.squeeze))
    final = next(width)
    value = layers.conv("conv_6_sep", value, (channels, final), ConvPlan())
    # 80 px halved four times leave 5 x 5 cells: this kernel covers them all.
    whole = ConvPlan(kernel=5, depthwise=True, padded=False)
    value = layers.conv("conv_6_dw", value, (final, next(width)), whole, slopes=False)
    value = layers.dense("linear", layers.sketch.add("Flatten", [value]), (final, _FEATURES), norm="bn")
    return layers.dense("prob", value, (_FEATURES, _CLASSES), output=output)


def _stage(
    layers: FasnetLayers, stage: str, blocks: int, entering: tuple[str, int], plan: tuple[Iterator[int], bool]
) -> tuple[str, int]:
    value, channels = entering
    width, squeeze = plan
    for index in range(blocks):
        name = stage if blocks == 1 else f"{stage}.model.{index}"
        expanded, _, left = next(width), next(width), next(width)
        inner = layers.conv(f"{name}.conv", value, (channels, expanded), ConvPlan())
        middle = ConvPlan(kernel=3, stride=2 if blocks == 1 else 1, depthwise=True)
        inner = layers.conv(f"{name}.conv_dw", inner, (expanded, expanded), middle)
        inner = layers.conv(f"{name}.project", inner, (expanded, left), ConvPlan(), slopes=False)
        if squeeze and blocks > 1 and index == blocks - 1:
            inner = layers.squeeze(f"{name}.se_module", inner, left)
        value = inner if blocks == 1 else layers.sketch.add("Add", [value, inner])
        channels = left
    return value, channels
