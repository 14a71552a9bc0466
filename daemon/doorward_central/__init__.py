"""The central service: takes events in for good, and hands the gallery out to a fleet."""
