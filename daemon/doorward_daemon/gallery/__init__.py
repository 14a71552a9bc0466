"""Enrolled subjects and their sealed templates: one database, one search index."""

from doorward_daemon.gallery.fleet_gallery import FleetGallery
from doorward_daemon.gallery.fleet_row import FleetReceipt
from doorward_daemon.gallery.gallery import MAX_PAGE_SIZE, Gallery, open_gallery
from doorward_daemon.gallery.long_lock import LongLock
from doorward_daemon.gallery.operation import Operation, OperationKind
from doorward_daemon.gallery.search_index import SearchIndex
from doorward_daemon.gallery.settings import GallerySettings
from doorward_daemon.gallery.subject_table import subject_not_found
from doorward_daemon.gallery.writing import GalleryWriting
from doorward_daemon.model.write_request import WriteRequest

__all__ = [
    "MAX_PAGE_SIZE",
    "FleetGallery",
    "FleetReceipt",
    "Gallery",
    "GallerySettings",
    "GalleryWriting",
    "LongLock",
    "Operation",
    "OperationKind",
    "SearchIndex",
    "WriteRequest",
    "open_gallery",
    "subject_not_found",
]
