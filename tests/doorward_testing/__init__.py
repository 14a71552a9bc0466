"""Real test components, never shipped."""
