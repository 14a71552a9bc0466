"""Recognition: from a picture to a judged face, an identification, a verification."""
