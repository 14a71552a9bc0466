"""face_recognition as a peer, as its README uses it."""

import io

import dlib
import face_recognition
from answering import answer


def embed(content: bytes) -> list[float] | None:
    """The encoding of the largest face."""
    picture = face_recognition.load_image_file(io.BytesIO(content))
    places = face_recognition.face_locations(picture)
    if not places:
        return None
    largest = max(places, key=lambda place: (place[2] - place[0]) * (place[1] - place[3]))
    return list(face_recognition.face_encodings(picture, [largest])[0])


if __name__ == "__main__":
    answer(f"{face_recognition.__version__}, dlib {dlib.__version__}", embed)
