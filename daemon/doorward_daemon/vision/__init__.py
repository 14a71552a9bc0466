"""What pixels say: pictures, faces, crops, embeddings, liveness, measurable quality."""
