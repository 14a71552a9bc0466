"""The pack `rts`: the detector of an installed pack, and the user's network."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.packs.assemble import install
from doorward_daemon.packs.durable import storage_errors
from doorward_daemon.packs.embedding_identity import embedding_id_of
from doorward_daemon.packs.file_identity import identify_file
from doorward_daemon.packs.manifest import (
    Alignment,
    Calibration,
    ChannelOrder,
    InputLayout,
    InstalledPack,
    ModelEntry,
    ModelRole,
    PackManifest,
    Polarity,
    QualityOutput,
)
from doorward_daemon.packs.objects import place_copy
from doorward_daemon.packs.progress import SilentProgress
from doorward_daemon.packs.pull import workbench
from doorward_daemon.packs.remedy import OWN_CHECKPOINT
from doorward_daemon.packs.store import PackStore
from doorward_daemon.packs.store_lock import hold_store
from doorward_daemon.vision.alignment import ARCFACE_112
from doorward_export.rts_graph import INPUT, OUTPUTS
from doorward_export.rts_network import EMBEDDING, SIDE_PX

NAME = OWN_CHECKPOINT
_FILE = "rts.onnx"

# Source: modelscope, face_recognition_ood_pipeline.py: RGB, (x / 255 - 0.5) / 0.5, the five-point template of 112.
LAYOUT = InputLayout(
    name=INPUT,
    channels=ChannelOrder.RGB,
    height_px=SIDE_PX,
    width_px=SIDE_PX,
    scale=1.0 / 255.0,
    mean=(0.5, 0.5, 0.5),
    std=(0.5, 0.5, 0.5),
)
"""How a crop enters the network."""

# Nothing was measured with these weights: no figures are published, the checkpoint is the user's. The thresholds lie
# around what services built on the network are said to use (0.45); `doorwardd calibrate pack` measures.
_CALIBRATION = Calibration(
    thresholds_at_fmr=((1e-2, 0.40), (1e-3, 0.45), (1e-4, 0.50), (1e-5, 0.55)),
    margin=0.08,
    similarity_slope=20.0,
    duplicate_score=0.55,
    outlier_score=0.2,
    norm_reference=1.0,
    norm_lost=0.5,
    norm_weight=0.0,
    data="not measured; run `doorwardd calibrate pack` before anything is decided with it",
)


# The logistic that leaves 0.4 and 0.6 where they are, the limits that services built on the network are said to use; no
# more is known before the score is calibrated. Higher is better, as the model card has it; rts_polarity proves it.
QUALITY = QualityOutput(model=NAME, output=OUTPUTS[1], polarity=Polarity.HIGHER_IS_BETTER, slope=4.055, midpoint=0.5)
"""How the score of the network becomes the pack's quality score."""


def rts_manifest(detectors: Sequence[ModelEntry], graph: Path, checkpoint: Path) -> PackManifest:
    """What the pack says about itself.

    Args:
        detectors: of the pack whose detector is used.
        graph: the exported network.
        checkpoint: the user's file it was made from.
    """
    built, source = identify_file(graph), identify_file(checkpoint).sha256
    network = ModelEntry(
        name="rts",
        role=ModelRole.EMBEDDER,
        kind="embedder",
        file=_FILE,
        sha256=built.sha256,
        size_bytes=built.size_bytes,
        licence="LicenseRef-not-stated",
        sources=("https://modelscope.cn/models/iic/cv_ir_face-recognition-ood_rts",),
        source_sha256=source,
        training_data="not stated with the weights",
        input=LAYOUT,
        outputs=OUTPUTS,
    )
    alignment = Alignment(size_px=ARCFACE_112.size_px, template_px=ARCFACE_112.template_px)
    return PackManifest(
        name=NAME,
        version="1",
        description="DAMO RTS: embedding and out-of-distribution score from one network; the user's own checkpoint.",
        models=(*detectors, network),
        embedding_id=embedding_id_of(NAME, [source], LAYOUT, alignment, ()),
        embedding_dimension=EMBEDDING,
        alignment=alignment,
        calibration=_CALIBRATION,
        quality=QUALITY,
    )


def install_rts(store: PackStore, donor: InstalledPack, graph: Path, checkpoint: Path) -> InstalledPack:
    """Installs the pack.

    Args:
        store: where to.
        donor: an installed pack whose detector is YuNet.
        graph: the exported network.
        checkpoint: the user's file it was made from.

    Raises:
        Conflict: PACK_MISSING, the donor has no YuNet.
        Overloaded, Conflict, Fault: the store cannot be written.
    """
    detectors = [replace(one, variants=()) for one in donor.manifest.of_role(ModelRole.DETECTOR) if one.kind == "yunet"]
    if not detectors:
        raise Conflict(
            ErrorReason.PACK_MISSING,
            f"pack {donor.manifest.name} has no YuNet, which rts finds faces with; run `doorwardd models pull compact`",
            metadata={"pack": "compact"},
        )
    manifest = rts_manifest(detectors, graph, checkpoint)
    with storage_errors(store.root), hold_store(store.root, SilentProgress()), workbench(store) as bench:
        files = {model.file: bench.objects.path_of(model.sha256) for model in manifest.models}
        copy = bench.scratch / _FILE
        place_copy(graph, copy)
        bench.objects.take(copy, hashlib.sha256(graph.read_bytes()).hexdigest())
        install(manifest, files, bench)
    return store.open(NAME)
