"""Offline: makes, quantises and measures models for packs. The only home of torch; never imported by the daemon."""
