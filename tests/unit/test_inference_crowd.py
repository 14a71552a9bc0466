"""Several callers at once: noticed, prepared for, answered with the same numbers."""

import threading
from pathlib import Path

import numpy as np
import pytest

from doorward_daemon.inference.crowd import Crowd
from doorward_daemon.inference.device_request import CPU
from doorward_daemon.inference.openvino_model import OpenVinoModel
from doorward_daemon.inference.openvino_runtime import OpenVinoLibrary, OpenVinoRuntime
from doorward_daemon.inference.settings import InferenceSettings
from doorward_testing.tiny_network import save_affine

FREE = (None, 3, None, None)
MEETINGS = 20


@pytest.fixture
def runtime() -> OpenVinoRuntime:
    return OpenVinoLibrary(InferenceSettings(threads=2), None).open(CPU)


@pytest.fixture
def network(runtime: OpenVinoRuntime, tmp_path: Path) -> OpenVinoModel:
    return runtime.compile(save_affine(tmp_path / "affine.onnx"), input_name="input", shape=FREE)


def _ask_from_two(network: OpenVinoModel, times: int) -> list[np.ndarray]:
    tensors = [np.full((1, 3, 32, 32), float(number), np.float32) for number in (1, 2)]
    found: list[list[np.ndarray]] = [[], []]
    together = threading.Barrier(2)

    def ask(number: int) -> None:
        together.wait(10)
        found[number] = [network.infer(tensors[number])["scaled"] for _ in range(times)]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    for answers in found:
        for answer in answers:
            np.testing.assert_array_equal(answer, answers[0])
    return [answers[0] for answers in found]


def test_callers_who_meet_are_several_for_a_moment_longer():
    now_s = [0.0]
    crowd = Crowd(lambda: None, lambda: now_s[0])
    with crowd.joined() as first, crowd.joined() as second:
        assert (first, second) == (False, True)
    now_s[0] = 0.09
    with crowd.joined() as soon:
        assert soon
    now_s[0] = 0.11
    with crowd.joined() as later:
        assert not later


def test_preparations_begin_once_and_not_for_a_single_meeting():
    calls: list[int] = []
    crowd = Crowd(lambda: calls.append(1))
    for _ in range(MEETINGS - 1):
        with crowd.joined(), crowd.joined():
            pass
    assert calls == []
    for _ in range(MEETINGS):
        with crowd.joined(), crowd.joined():
            pass
    assert calls == [1]


def test_an_inference_that_fails_is_under_way_no_more():
    crowd = Crowd(lambda: None)
    with pytest.raises(RuntimeError), crowd.joined():
        raise RuntimeError("the driver")
    with crowd.joined() as alone:
        assert not alone


def test_one_caller_is_enough_for_the_network_it_was_compiled_as(network: OpenVinoModel):
    for _ in range(3 * MEETINGS):
        network.infer(np.ones((1, 3, 8, 8), np.float32))
    assert not network.is_prepared_for_several


def test_two_callers_get_a_network_for_two_and_the_answers_of_one(runtime: OpenVinoRuntime, network: OpenVinoModel):
    alone = [network.infer(np.full((1, 3, 32, 32), float(number), np.float32))["scaled"] for number in (1, 2)]
    for _ in range(50):
        answers = _ask_from_two(network, 100)
        for answer, expected in zip(answers, alone, strict=True):
            np.testing.assert_array_equal(answer, expected)
        if network.is_prepared_for_several:
            break
    runtime.close()
    assert network.is_prepared_for_several
    for answer, expected in zip(_ask_from_two(network, 100), alone, strict=True):
        np.testing.assert_array_equal(answer, expected)


def test_a_network_that_cannot_be_compiled_a_second_time_goes_on_as_it_is(
    runtime: OpenVinoRuntime, network: OpenVinoModel, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    (tmp_path / "affine.onnx").unlink()
    for _ in range(50):
        _ask_from_two(network, 100)
        if "several callers" in caplog.text:
            break
    runtime.close()
    assert "cannot be compiled for several callers" in caplog.text
    assert not network.is_prepared_for_several
    _ask_from_two(network, 10)


def test_one_thread_is_not_shared(tmp_path: Path):
    runtime = OpenVinoLibrary(InferenceSettings(threads=1), None).open(CPU)
    network = runtime.compile(save_affine(tmp_path / "affine.onnx"), input_name="input", shape=FREE)
    _ask_from_two(network, 200)
    runtime.close()
    assert not network.is_prepared_for_several
