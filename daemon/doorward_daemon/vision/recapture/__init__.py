"""Pictures of pictures, made on purpose and repeatably: what a camera sees of a print or a screen held before it."""

from doorward_daemon.vision.recapture.light import compress
from doorward_daemon.vision.recapture.recapturer import Recaptured, recapture
from doorward_daemon.vision.recapture.species import Recapture, RecaptureSpecies

__all__ = ["Recapture", "RecaptureSpecies", "Recaptured", "compress", "recapture"]
