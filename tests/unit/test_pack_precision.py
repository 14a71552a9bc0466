"""Speed modes: marked embedding spaces, variants beside the f32 models, and no quantised model without its record."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.inference import InferenceSettings, open_runtime
from doorward_daemon.packs.calibration_record import check_unquantised, is_quantised
from doorward_daemon.packs.manifest import CalibrationRecord, InstalledPack
from doorward_daemon.packs.precision import in_precision, without_variants
from doorward_daemon.packs.progress import SilentProgress
from doorward_daemon.packs.pull import PullSources, pull_pack
from doorward_daemon.packs.store import PackStore
from doorward_daemon.packs.variant_install import NewVariant, install_variants
from doorward_daemon.tools.eval_precision import PrecisionReport
from doorward_export.accuracy_guard import check_accuracy
from doorward_testing.tiny_network import save_affine
from doorward_testing.tiny_pack import tiny_files, tiny_recipe

RECORD = CalibrationRecord(method="tests", data="nine", data_sha256="0" * 64, n_pictures=9, accuracy="as good")


def save_quantised(path: Path) -> Path:
    """A network that quantises its input and gives it back."""
    scale, zero = numpy_helper.from_array(np.float32(0.1), "scale"), numpy_helper.from_array(np.uint8(128), "zero")
    nodes = [
        helper.make_node("QuantizeLinear", ["input", "scale", "zero"], ["small"]),
        helper.make_node("DequantizeLinear", ["small", "scale", "zero"], ["output"]),
    ]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 3, 8, 8]) for name in ("input", "output")]
    graph = helper.make_graph(nodes, "quantised", ends[:1], ends[1:], [scale, zero])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


@pytest.fixture
def store(tmp_path: Path) -> PackStore:
    return PackStore(tmp_path / "packs")


@pytest.fixture
def pack(store: PackStore, tmp_path: Path) -> InstalledPack:
    return pull(store, tmp_path)


def pull(store: PackStore, tmp_path: Path) -> InstalledPack:
    folder = tmp_path / "files"
    folder.mkdir(exist_ok=True)
    for name, content in tiny_files().items():
        (folder / name).write_bytes(content)
    sources = PullSources(folder=folder, assets=None, offline=True)
    return pull_pack(store, "compact", sources, SilentProgress(), [tiny_recipe(tiny_files())])


def test_full_precision_is_the_pack_as_it_is(pack: InstalledPack):
    assert in_precision(pack, "f32") is pack


def test_a_speed_mode_is_another_embedding_space(pack: InstalledPack):
    spaces = {in_precision(pack, "bf16").manifest.embedding_id, pack.manifest.embedding_id}
    assert spaces == {pack.manifest.embedding_id, f"{pack.manifest.embedding_id}+bf16"}


def test_int8_without_int8_models_is_refused_with_the_command_that_makes_them(pack: InstalledPack):
    with pytest.raises(Conflict, match="doorward_export quantize compact") as caught:
        in_precision(pack, "int8/bf16")
    assert caught.value.reason is ErrorReason.PACK_MISSING


def test_a_variant_is_installed_beside_its_model_and_runs_in_its_mode(store, pack, tmp_path):
    made = {"tiny_embedder": NewVariant(precision="int8", path=save_quantised(tmp_path / "q.onnx"), record=RECORD)}
    installed = install_variants(store, pack, made)
    assert store.open("compact").manifest == installed.manifest
    fast = in_precision(installed, "int8/bf16")
    models = {model.name: model for model in fast.manifest.models}
    assert fast.path_of(models["tiny_embedder"]).read_bytes() == (tmp_path / "q.onnx").read_bytes()
    assert models["tiny_embedder"].file == "e.int8.onnx"
    assert models["tiny_liveness"].file == "l.onnx"
    assert fast.manifest.embedding_id.endswith("+int8/bf16")
    assert in_precision(installed, "f32").manifest.models[0].file == "e.onnx"


def test_pulling_again_keeps_the_variants_of_this_box(store, pack, tmp_path):
    made = {"tiny_embedder": NewVariant(precision="int8", path=save_quantised(tmp_path / "q.onnx"), record=RECORD)}
    installed = install_variants(store, pack, made)
    assert pull(store, tmp_path).manifest == installed.manifest
    assert without_variants(installed.manifest) == pack.manifest


def test_a_variant_that_was_changed_is_damage(store, pack, tmp_path):
    made = {"tiny_embedder": NewVariant(precision="int8", path=save_quantised(tmp_path / "q.onnx"), record=RECORD)}
    installed = install_variants(store, pack, made)
    path = installed.folder / "e.int8.onnx"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.unlink()
    path.write_bytes(content)
    with pytest.raises(Conflict, match=r"e\.int8\.onnx is not what was installed") as caught:
        store.open("compact")
    assert caught.value.reason is ErrorReason.PACK_DAMAGED


def test_a_quantised_model_without_its_record_is_refused(tmp_path: Path):
    path = save_quantised(tmp_path / "q.onnx")
    assert is_quantised(path.read_bytes())
    with pytest.raises(Conflict, match="is quantised and has no calibration record") as caught:
        check_unquantised("compact", path)
    assert caught.value.reason is ErrorReason.PACK_DAMAGED
    check_unquantised("compact", save_affine(tmp_path / "plain.onnx"))


def test_a_pack_with_a_quantised_model_in_the_place_of_an_f32_one_does_not_open(store: PackStore, tmp_path: Path):
    files = tiny_files()
    files["tiny_embedder.onnx"] = save_quantised(tmp_path / "q.onnx").read_bytes()
    folder = tmp_path / "files"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    sources = PullSources(folder=folder, assets=None, offline=True)
    with pytest.raises(Conflict, match="no calibration record"):
        pull_pack(store, "compact", sources, SilentProgress(), [tiny_recipe(files)])


def report(**changes: float) -> PrecisionReport:
    even = PrecisionReport(
        pack="compact",
        precision="int8",
        n_images=60,
        n_failed_f32=0,
        n_failed=0,
        tar_f32=0.99,
        tar=0.99,
        tar_lost_points=0.0,
        bands_moved=0.0,
        cosine_min=0.98,
        cosine_p50=0.99,
    )
    return replace(even, **changes)


def test_models_that_are_as_good_pass_the_guard():
    check_accuracy(report())
    check_accuracy(report(tar_lost_points=0.2, bands_moved=0.02))
    check_accuracy(report(tar_lost_points=-1.0))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tar_lost_points": 0.21}, "0.21 points"),
        ({"bands_moved": 0.021}, "2.1% of the photos change their band"),
        ({"n_failed": 1}, "1 photos lose their face"),
    ],
)
def test_models_that_are_worse_are_refused_with_the_figures(changes: dict[str, float], said: str):
    with pytest.raises(Conflict, match=said) as caught:
        check_accuracy(report(**changes))
    assert caught.value.reason is ErrorReason.PACK_UNAVAILABLE


def test_a_speed_mode_a_library_does_not_have_is_said():
    truth = open_runtime(InferenceSettings(runtime="onnxruntime", precision="bf16"), None).truth
    assert (truth.requested_precision, truth.actual_precision) == ("bf16", "f32")
    assert "no bf16" in truth.fallback_reason


@pytest.mark.parametrize("name", ["openvino", "onnxruntime"])
def test_int8_names_what_the_rest_computes_in(name, tmp_path: Path):
    runtime = open_runtime(InferenceSettings(runtime=name, precision="int8"), None)
    before = runtime.truth
    assert before.actual_precision in ("int8/bf16", "int8/f32")
    network = runtime.compile(save_quantised(tmp_path / "q.onnx"), input_name="input", shape=(None, 3, 8, 8))
    found = network.infer(np.full((1, 3, 8, 8), 0.512, np.float32))["output"]
    assert found == pytest.approx(np.full((1, 3, 8, 8), 0.5), abs=0.01)
    assert runtime.truth == before
