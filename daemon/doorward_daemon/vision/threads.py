"""How many threads OpenCV may use."""

import cv2


def keep_to_one_thread() -> None:
    """Makes OpenCV work in the thread that asks, in the whole process.

    What is asked of it takes tens of microseconds on crops of 112 pixels: to wake threads that sleep costs more than
    they save, and they would take the cores from the threads of the networks.
    """
    cv2.setNumThreads(1)
