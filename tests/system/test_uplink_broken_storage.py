"""A device whose storage breaks as nobody thought of: the stream ends, and the next one brings what was missing."""

import pytest

from doorward_central.database import open_connection
from doorward_central.gallery_rows import put_subject
from doorward_central.serving import open_centre
from doorward_daemon.uplink import UplinkState
from doorward_sync.chunk_messages import GalleryChunk, GalleryChunkResult
from doorward_testing.centre_site import Device, centre_settings, free_address, until
from doorward_testing.fleet_centre import reference, subject
from doorward_testing.journals import JournalSite
from doorward_testing.memory_gallery import MemoryGallery

pytestmark = pytest.mark.system


class BrokenOnce(MemoryGallery):
    """A gallery that has a defect, once."""

    def __init__(self) -> None:
        super().__init__()
        self.broke = 0

    def take_chunk(self, chunk: GalleryChunk) -> GalleryChunkResult:
        """As GalleryPort, but for the first one."""
        if not self.broke:
            self.broke += 1
            raise ValueError("nobody thought of this")
        return super().take_chunk(chunk)


async def test_a_defect_of_the_storage_ends_the_stream_and_not_the_coming_of_the_gallery(tmp_path, caplog):
    address, gallery = free_address(), BrokenOnce()
    with open_connection(tmp_path / "centre" / "data", 1 << 30) as connection:
        put_subject(connection, subject("anna", 1, reference(1), name="Anna"), 0)
    connection.close()
    with JournalSite(tmp_path / "device").open() as journal:
        async with (
            open_centre(tmp_path / "centre", centre_settings(address)),
            Device(journal, address, gallery=gallery).connected() as uplink,
        ):
            await until(lambda: gallery.names() == {"anna": "Anna"})
            await until(lambda: uplink.report().state is UplinkState.CONNECTED)
            assert (gallery.broke, uplink.report().attempts) == (1, 2)
    assert "nobody thought of this" in caplog.text
