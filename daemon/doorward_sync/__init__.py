"""What both ends of the uplink share, pure: events, digests, the chain, both machines; no sockets, clocks, storage."""
