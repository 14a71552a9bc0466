"""What every inference library promises, on tiny networks of its own."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from doorward_daemon.errors import Conflict, DoorwardError, ErrorReason, Fault
from doorward_daemon.inference import CompiledModel, InferenceSettings, Runtime, open_runtime
from doorward_testing.tiny_network import save_affine

FREE = (None, 3, None, None)
RUNTIMES = ("openvino", "onnxruntime")


@pytest.fixture(params=RUNTIMES)
def runtime(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Runtime]:
    opened = open_runtime(InferenceSettings(runtime=request.param), tmp_path / "cache")
    yield opened
    opened.close()


@pytest.fixture
def network(runtime: Runtime, tmp_path: Path) -> CompiledModel:
    return runtime.compile(save_affine(tmp_path / "affine.onnx"), input_name="input", shape=FREE)


def ramp(*shape: int) -> np.ndarray:
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape) / 100


@pytest.mark.parametrize("shape", [(1, 3, 1, 1), (1, 3, 32, 64), (5, 3, 7, 3)])
def test_a_network_runs_at_every_size_it_was_compiled_for(network: CompiledModel, shape: tuple[int, ...]):
    outputs = network.infer(ramp(*shape))
    assert set(outputs) == {"scaled", "mean"}
    np.testing.assert_allclose(outputs["scaled"], ramp(*shape) * 2, rtol=1e-6)
    np.testing.assert_allclose(outputs["mean"], ramp(*shape).mean(axis=(2, 3)) * 2, rtol=1e-5)
    assert {output.dtype for output in outputs.values()} == {np.dtype(np.float32)}


def test_outputs_belong_to_the_caller(network: CompiledModel):
    first = network.infer(ramp(1, 3, 4, 4))["scaled"]
    first[:] = -1
    second = network.infer(ramp(1, 3, 4, 4))["scaled"]
    network.infer(ramp(1, 3, 4, 4) * 0)
    np.testing.assert_allclose(second, ramp(1, 3, 4, 4) * 2, rtol=1e-6)
    assert (first == -1).all()


def test_the_input_stays_as_it_was_and_may_be_read_only_or_scattered(network: CompiledModel):
    scattered = np.moveaxis(ramp(1, 4, 6, 3), 3, 1)
    scattered.flags.writeable = False
    kept = scattered.copy()
    np.testing.assert_allclose(network.infer(scattered)["scaled"], kept * 2, rtol=1e-6)
    np.testing.assert_array_equal(scattered, kept)


def test_memory_of_an_earlier_input_may_be_used_again(network: CompiledModel):
    memory = np.ones((1, 3, 8, 8), np.float32)
    first = network.infer(memory)["scaled"]
    memory[:] = 5
    np.testing.assert_array_equal(first, np.full((1, 3, 8, 8), 2, np.float32))
    np.testing.assert_array_equal(network.infer(memory)["mean"], [[10, 10, 10]])


def test_eight_threads_get_each_their_own_answer(network: CompiledModel):
    wrong: list[str] = []
    begin = threading.Barrier(8)

    def work(number: int) -> None:
        tensor = np.full((1, 3, 8 + number, 8), number, np.float32)
        begin.wait()
        for _ in range(50):
            found = network.infer(tensor)["scaled"]
            if found.shape != tensor.shape or not (found == 2 * number).all():
                wrong.append(f"thread {number}: {found.shape}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_not_a_number_goes_through_and_leaves_nothing_behind(network: CompiledModel):
    assert np.isnan(network.infer(np.full((1, 3, 4, 4), np.nan, np.float32))["scaled"]).all()
    np.testing.assert_allclose(network.infer(ramp(1, 3, 4, 4))["scaled"], ramp(1, 3, 4, 4) * 2, rtol=1e-6)


@pytest.mark.parametrize(
    "tensor",
    [
        np.zeros((1, 4, 8, 8), np.float32),
        np.zeros((3, 8, 8), np.float32),
        np.zeros((0, 3, 8, 8), np.float32),
        np.zeros((1, 3, 8, 8), np.float64),
        np.zeros((1, 3, 8, 8), np.uint8),
    ],
    ids=["channels", "dimensions", "nothing", "float64", "uint8"],
)
def test_a_tensor_that_does_not_fit_is_refused_with_both_shapes(network: CompiledModel, tensor: np.ndarray):
    with pytest.raises(Fault, match=r"affine\.onnx: expected input input .* float32, found") as caught:
        network.infer(tensor)
    assert caught.value.reason is ErrorReason.INFERENCE_FAILED
    network.infer(ramp(1, 3, 4, 4))


def test_a_size_fixed_at_compiling_is_kept(runtime: Runtime, tmp_path: Path):
    fixed = runtime.compile(save_affine(tmp_path / "affine.onnx"), input_name="input", shape=(1, 3, 8, 8))
    fixed.infer(ramp(1, 3, 8, 8))
    with pytest.raises(Fault, match=r"expected input input \(1, 3, 8, 8\) float32, found \(1, 3, 8, 9\)"):
        fixed.infer(ramp(1, 3, 8, 9))


@pytest.mark.parametrize("content", [b"", b"no network at all", None], ids=["empty", "text", "missing"])
def test_a_file_that_is_no_network_is_named(runtime: Runtime, tmp_path: Path, content: bytes | None):
    path = tmp_path / "broken.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Fault, match=r"broken\.onnx") as caught:
        runtime.compile(path, input_name="input", shape=FREE)
    assert caught.value.reason is ErrorReason.INFERENCE_FAILED
    assert caught.value.metadata == {"file": "broken.onnx"}


def test_half_a_network_is_named(runtime: Runtime, tmp_path: Path):
    path = save_affine(tmp_path / "half.onnx")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(Fault, match=r"half\.onnx"):
        runtime.compile(path, input_name="input", shape=FREE)


def test_a_network_with_another_input_is_refused(runtime: Runtime, tmp_path: Path):
    path = save_affine(tmp_path / "other.onnx", input_name="data")
    with pytest.raises(Fault, match=r"other\.onnx: expected one input input .*, found \{'data'"):
        runtime.compile(path, input_name="input", shape=FREE)


def test_a_network_of_one_size_cannot_be_asked_for_every_size(runtime: Runtime, tmp_path: Path):
    path = save_affine(tmp_path / "fixed.onnx", sizes=[1, 3, 8, 8])
    with pytest.raises(Fault, match=r"fixed\.onnx: expected one input"):
        runtime.compile(path, input_name="input", shape=FREE)


def test_the_truth_is_read_back(runtime: Runtime, network: CompiledModel):
    truth = runtime.truth
    assert truth.runtime in RUNTIMES
    assert truth.runtime_version.count(".") == 2
    assert (truth.requested_device, truth.actual_device) == ("auto", "cpu")
    assert (truth.requested_precision, truth.actual_precision) == ("f32", "f32")
    assert truth.fallback_reason == ""


@pytest.mark.parametrize("name", RUNTIMES)
def test_a_graphics_processor_that_is_not_there_is_replaced_and_said(name: str, tmp_path: Path):
    runtime = open_runtime(InferenceSettings(runtime=name, device="gpu"), None)
    runtime.compile(save_affine(tmp_path / "affine.onnx"), input_name="input", shape=FREE).infer(ramp(1, 3, 4, 4))
    truth = runtime.truth
    if truth.actual_device != "cpu":
        pytest.skip("this machine has a graphics processor the library can use")
    assert truth.requested_device == "gpu"
    assert "PU" in truth.fallback_reason


@pytest.mark.parametrize("name", RUNTIMES)
def test_a_device_nobody_knows_is_a_mistake_in_the_configuration(name: str):
    with pytest.raises(
        Conflict, match=r"inference\.device: expected auto, cpu, gpu, npu, cuda or e.g. cuda:0, found 'abacus'"
    ) as caught:
        open_runtime(InferenceSettings(runtime=name, device="abacus"), None)
    assert caught.value.reason is ErrorReason.CONFIG_INVALID
    assert isinstance(caught.value, DoorwardError)


@pytest.mark.parametrize(("name", "other"), [RUNTIMES, RUNTIMES[::-1]])
def test_only_the_chosen_library_is_loaded(name: str, other: str):
    script = (
        "import sys; from doorward_daemon.inference import *; "
        f"open_runtime(InferenceSettings(runtime={name!r}), None); "
        f"sys.exit({name!r} not in sys.modules or {other!r} in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_no_library_that_reports_to_its_maker_is_loaded():
    script = (
        "import sys; from doorward_daemon.inference import *; open_runtime(InferenceSettings(), None); "
        "sys.exit(any('telemetry' in name and 'doorward' not in name for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


@pytest.mark.parametrize("name", RUNTIMES)
def test_a_library_that_is_not_installed_is_named(name: str):
    script = (
        f"import sys; sys.modules[{name!r}] = None\n"
        "from doorward_daemon.errors import Fault\n"
        "from doorward_daemon.inference import *\n"
        f"try: open_runtime(InferenceSettings(runtime={name!r}), None)\n"
        "except Fault as fault: print(fault.reason, fault.message)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    assert done.stdout.startswith(f"INFERENCE_FAILED inference.runtime: {name} cannot be loaded"), done.stderr
