"""OpenCV as a peer: YuNet through FaceDetectorYN, MobileFaceNet through its DNN module; Doorward's own files."""

import sys
from pathlib import Path

import cv2
import numpy as np
from answering import answer

# ArcFace template, and the embedder's input as the pack's manifest has it: RGB / 255, ImageNet mean and deviation.
_TEMPLATE = np.float32(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)
_MEAN, _STD = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])


def main() -> None:
    """Answers; the folder of the compact pack's models is the first argument."""
    folder = Path(sys.argv[1])
    detector = cv2.FaceDetectorYN.create(str(folder / "yunet.onnx"), "", (320, 320), 0.6, 0.3, 5000)
    embedder = cv2.dnn.readNetFromONNX(str(folder / "mobilefacenet.onnx"))

    def embed(content: bytes) -> list[float] | None:
        picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
        detector.setInputSize(picture.shape[1::-1])
        _, faces = detector.detect(picture)
        if faces is None:
            return None
        largest = max(faces, key=lambda face: face[2] * face[3])
        matrix, _ = cv2.estimateAffinePartial2D(largest[4:14].reshape(5, 2), _TEMPLATE, method=cv2.LMEDS)
        crop = cv2.cvtColor(cv2.warpAffine(picture, matrix, (112, 112)), cv2.COLOR_BGR2RGB)
        embedder.setInput((((crop / np.float32(255)) - _MEAN) / _STD).transpose(2, 0, 1)[None])
        return list(embedder.forward("output0")[0])

    answer(cv2.__version__, embed)


if __name__ == "__main__":
    main()
