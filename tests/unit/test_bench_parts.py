"""Parts of the measurements: what models are asked again, random galleries, an index in memory, the spread of times."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from doorward_daemon.gallery import open_gallery
from doorward_daemon.inference import InferenceSettings, open_runtime
from doorward_daemon.model.template import Template
from doorward_daemon.tools.bench_search import measure as measure_search
from doorward_daemon.tools.memory_index import index_of
from doorward_daemon.tools.pipeline_rig import FRAME_PX, demonstration_picture
from doorward_daemon.tools.random_gallery import enrol_random, random_vectors
from doorward_daemon.tools.recorded_runtime import RecordedRuntime
from doorward_daemon.vision.picture import PictureSettings, decode_picture
from doorward_testing.tiny_network import save_affine


@pytest.fixture
def tiny_runtime(tmp_path):
    path = save_affine(tmp_path / "tiny.onnx")
    runtime = RecordedRuntime(open_runtime(InferenceSettings(runtime="onnxruntime", threads=1), None))
    yield runtime, runtime.compile(path, input_name="input", shape=(None, 3, 8, 8))
    runtime.close()


def picture_of(value: float, count: int = 1):
    return np.full((count, 3, 8, 8), value, np.float32)


def test_models_are_asked_again_what_they_were_asked_between_start_and_stop(tiny_runtime):
    runtime, model = tiny_runtime
    model.infer(picture_of(1.0))
    runtime.start()
    answers = [model.infer(picture_of(2.0))["mean"], model.infer(picture_of(3.0, count=2))["mean"]]
    calls = runtime.stop()
    model.infer(picture_of(4.0))
    assert [call.name for call in calls] == ["tiny#1", "tiny#2"]
    for call, answer in zip(calls, answers, strict=True):
        assert np.array_equal(call.model.infer(call.nchw)["mean"], answer)
        assert call.time_ms() > 0.0


def test_what_was_recorded_is_safe_from_a_caller_who_uses_the_array_again(tiny_runtime):
    runtime, model = tiny_runtime
    asked = picture_of(1.0)
    runtime.start()
    model.infer(asked)
    asked.fill(9.0)
    (call,) = runtime.stop()
    assert call.name == "tiny"
    assert (call.nchw == 1.0).all()


def test_times_of_models_are_summed_per_model_and_thread_and_taken_once(tiny_runtime):
    runtime, model = tiny_runtime
    model.infer(picture_of(1.0))
    model.infer(picture_of(2.0))
    with ThreadPoolExecutor(1) as other:
        assert other.submit(runtime.take_times).result() == {}
    times = runtime.take_times()
    assert set(times) == {"tiny"}
    assert times["tiny"] > 0.0
    assert runtime.take_times() == {}


def test_a_gallery_of_random_subjects_names_the_one_that_is_known(tmp_path):
    known = Template(random_vectors(1, 32, seed=9)[0].copy(), "test", "f32")
    with open_gallery(tmp_path, "test") as gallery:
        enrol_random(gallery, 50, known)
        index = gallery.index()
        assert (index.subjects, index.references) == (50, 50)
        first, second = index.search(known.vector, 2)
    assert first.subject_id == "subject-49"
    assert first.score == pytest.approx(1.0, abs=1e-5)
    assert second.score < 0.9


def test_random_templates_have_length_one_and_are_the_same_every_time():
    vectors = random_vectors(100, 64)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(100), abs=1e-5)
    assert np.array_equal(vectors, random_vectors(100, 64))
    assert abs(float(vectors.mean())) < 0.01


def test_an_index_in_memory_ranks_subjects_by_their_best_reference():
    axes = np.eye(3, dtype=np.float32)
    references = [("ann", axes[0]), ("bob", axes[1]), ("ann", axes[2])]
    index = index_of("test", references)
    assert (index.subjects, index.references) == (2, 3)
    assert [score.subject_id for score in index.search(axes[2], 2)] == ["ann", "bob"]


def test_search_is_reported_beside_one_reading_of_the_same_templates():
    document = measure_search(references=500, dimension=16, repeat=5)
    assert {"search_ms", "read_once_ms", "ratio", "read_gb_per_s", "references", "dimension"} <= set(document)
    assert {"group_ms", "add_ms", "remove_ms", "cohort", "ratio_of_minima", "first_look"} <= set(document)
    assert document["group_subjects"] == 5
    assert document["search_ms"]["min"] >= 0.0
    assert document["n"] == 5


def test_the_demonstration_picture_is_a_frame_of_a_common_camera():
    picture = decode_picture(demonstration_picture(), PictureSettings())
    assert (picture.width_px, picture.height_px) == FRAME_PX
