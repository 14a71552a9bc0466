"""RTS from a user's checkpoint: the exact layout, nothing but tensors, one graph on both runtimes."""

import pickle
from pathlib import Path

import pytest

from doorward_daemon.errors import ErrorReason, InvalidInput

torch = pytest.importorskip("torch", reason="torch is not installed here", exc_type=ImportError)

SHALLOW = ((1, 64), (1, 128), (1, 256), (1, 512))


def expected_keys(alpha: int) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the published checkpoint, written down from its description, not from our network."""
    keys: dict[str, tuple[int, ...]] = {}

    def norm(name: str, width: int) -> None:
        keys.update({f"{name}.{part}": (width,) for part in ("weight", "bias", "running_mean", "running_var")})
        keys[f"{name}.num_batches_tracked"] = ()

    keys["features.0.0.weight"] = (64, 3, 3, 3)
    norm("features.0.1", 64)
    keys["features.0.2.weight"] = (64,)
    widths = [64] * 3 + [128] * 8 + [256] * 16 + [512] * 3
    taken = 64
    for number, given in enumerate(widths):
        unit = f"features.1.{number}"
        norm(f"{unit}.res_layer.0", taken)
        keys[f"{unit}.res_layer.1.weight"] = (given, taken, 3, 3)
        keys[f"{unit}.res_layer.2.weight"] = (given,)
        keys[f"{unit}.res_layer.3.weight"] = (given, given, 3, 3)
        norm(f"{unit}.res_layer.4", given)
        keys[f"{unit}.res_layer.5.fc1.weight"] = (given // 16, given, 1, 1)
        keys[f"{unit}.res_layer.5.fc2.weight"] = (given, given // 16, 1, 1)
        if number in (3, 11, 27):
            keys[f"{unit}.shortcut_layer.0.weight"] = (given, taken, 1, 1)
            norm(f"{unit}.shortcut_layer.1", given)
        taken = given
    norm("features.2.0", 512)
    for head, width in (("features_backbone", 512), ("logvar_rts_backbone", 1), ("logvar_rts_plus_backbone", alpha)):
        keys[f"{head}.0.weight"], keys[f"{head}.0.bias"] = (width, 25088), (width,)
        norm(f"{head}.1", width)
    return keys


@pytest.fixture(scope="module")
def shallow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of a shallow network with random weights, as torch saves it from several devices."""
    from doorward_export.rts_network import RtsNetwork

    torch.manual_seed(1)
    tensors = RtsNetwork(4, uses_plus=False, stages=SHALLOW).state_dict()
    path = tmp_path_factory.mktemp("rts") / "pytorch_model.pt"
    torch.save({f"module.{name}": tensor for name, tensor in tensors.items()}, path)
    return path


@pytest.mark.parametrize("alpha", [1, 32])
def test_the_network_has_the_501_tensors_of_the_published_checkpoint(alpha: int):
    from doorward_export.rts_network import RtsNetwork

    with torch.device("meta"):
        network = RtsNetwork(alpha, uses_plus=True)
    found = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    assert found == expected_keys(alpha)
    assert len(found) == 501


@pytest.fixture(scope="module")
def graph(shallow: Path) -> Path:
    """The exported graph, its score from the second head."""
    from doorward_export.rts_checkpoint import load_network
    from doorward_export.rts_graph import save_graph

    path = shallow.with_name("rts.onnx")
    save_graph(load_network(shallow, uses_plus=True, stages=SHALLOW), path)
    return path


def test_one_graph_gives_embedding_and_score_on_both_runtimes_as_torch_does(shallow: Path, graph: Path):
    from doorward_export.rts_checkpoint import load_network
    from doorward_export.rts_graph import check_parity

    differences = check_parity(load_network(shallow, uses_plus=True, stages=SHALLOW), graph)
    assert set(differences) == {"openvino", "onnxruntime"}
    assert max(differences.values()) < 1e-4


def test_a_graph_that_differs_from_the_network_is_noticed(shallow: Path, graph: Path):
    from doorward_daemon.errors import Conflict
    from doorward_export.rts_checkpoint import load_network
    from doorward_export.rts_graph import check_parity

    with pytest.raises(Conflict, match="differs from torch"):
        check_parity(load_network(shallow, uses_plus=False, stages=SHALLOW), graph)


@pytest.mark.models
def test_the_pack_is_installed_with_its_own_golden_answer(shallow: Path, graph: Path, assets: Path, tmp_path: Path):
    from doorward_daemon.packs.progress import SilentProgress
    from doorward_daemon.packs.pull import PullSources, pull_pack
    from doorward_daemon.packs.store import PackStore
    from doorward_daemon.recognition.self_test import golden_answer
    from doorward_daemon.tools.context import ToolContext
    from doorward_export.rts_command import record_golden
    from doorward_export.rts_pack import install_rts

    store = PackStore(tmp_path / "packs")
    donor = pull_pack(store, "compact", PullSources(assets=assets, folder=None, offline=True), SilentProgress())
    pack = install_rts(store, donor, graph, shallow)
    record_golden(pack, ToolContext(home=tmp_path))
    assert store.installed() == ("compact", "rts")
    assert [model.name for model in store.open("rts").manifest.models] == ["yunet", "rts"]
    known = golden_answer("rts", folder=pack.folder)
    assert known is not None
    assert len(known.embedding) == pack.manifest.embedding_dimension
    assert golden_answer("rts") is None


class Payload:
    """Runs a command when it is unpickled by somebody careless."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (self.marker,))  # type: ignore[return-value]


def test_code_in_a_checkpoint_does_not_run(tmp_path: Path):
    from doorward_export.rts_checkpoint import load_network

    path, marker = tmp_path / "evil.pt", tmp_path / "ran"
    torch.save({"weight": Payload(marker)}, path)
    with pytest.raises(InvalidInput, match="cannot be read as tensors"):
        load_network(path, uses_plus=False)
    assert not marker.exists()


@pytest.mark.parametrize("content", [b"", b"no checkpoint", pickle.dumps({"a": 1}, 2)], ids=["empty", "text", "pickle"])
def test_a_file_that_is_no_checkpoint_is_refused(tmp_path: Path, content: bytes):
    from doorward_export.rts_checkpoint import load_network

    path = tmp_path / "x.pt"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match=r"x\.pt is no checkpoint of RTS") as caught:
        load_network(path, uses_plus=False)
    assert caught.value.reason is ErrorReason.FIELD_INVALID


def test_tensors_that_lack_are_too_many_or_of_another_shape_are_named(shallow: Path, tmp_path: Path):
    from doorward_export.rts_checkpoint import load_network

    tensors = torch.load(shallow, weights_only=True)
    tensors.pop("module.features.0.0.weight")
    tensors["module.extra"] = torch.zeros(1)
    tensors["module.features.0.2.weight"] = torch.zeros(7)
    torch.save(tensors, tmp_path / "x.pt")
    with pytest.raises(InvalidInput, match=r"3 of .* lacks features\.0\.0\.weight; has extra besides") as caught:
        load_network(tmp_path / "x.pt", uses_plus=False, stages=SHALLOW)
    assert "features.0.2.weight is (7,), expected (64,)" in caught.value.message


def test_numbers_that_are_none_are_refused(shallow: Path, tmp_path: Path):
    from doorward_export.rts_checkpoint import load_network

    tensors = torch.load(shallow, weights_only=True)
    tensors["module.features_backbone.0.bias"][3] = float("nan")
    torch.save(tensors, tmp_path / "x.pt")
    with pytest.raises(InvalidInput, match=r"features_backbone\.0\.bias is not finite"):
        load_network(tmp_path / "x.pt", uses_plus=False, stages=SHALLOW)


def test_the_pack_takes_the_networks_own_score_and_leaves_its_known_limits_in_place():
    import numpy as np

    from doorward_daemon.vision.embedding.native_score import read_scores
    from doorward_export.rts_pack import QUALITY

    scores = [
        read_scores({"score": np.array([[raw]], np.float32)}, QUALITY, 0).quality for raw in (0.4, 0.5, 0.6, 0.766)
    ]
    assert scores == pytest.approx([0.4, 0.5, 0.6, 0.746], abs=0.002)
