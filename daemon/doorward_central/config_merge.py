"""What a group's configuration and a device's own one make together, and what of it came from where."""

import tomllib

import tomli_w

from doorward_api.v1 import device_config_pb2


def merged(group: str, own: str) -> str:
    """The configuration a device is to have: the group's, and over it the device's own, key by key in each section.

    What one of them says alone stays as it was written, comments and all.

    Args:
        group: TOML of sections that may come from the centre; empty where there is none.
        own: the same, for the device alone.
    """
    below, above = tomllib.loads(group), tomllib.loads(own)
    if not below:
        return own
    if not above:
        return group
    sections = {**below, **above}
    return tomli_w.dumps({name: {**below.get(name, {}), **above.get(name, {})} for name in sections})


def origins(group: str, own: str) -> list[device_config_pb2.ConfigOrigin]:
    """Every key of the merged configuration, and whose it is, by section and key.

    Args:
        group: as merged.
        own: as merged.
    """
    below, above = _names(group), _names(own)
    return [
        device_config_pb2.ConfigOrigin(
            key=name,
            source=device_config_pb2.CONFIG_SOURCE_DEVICE if name in above else device_config_pb2.CONFIG_SOURCE_GROUP,
        )
        for name in sorted(below | above)
    ]


def _names(text: str) -> set[str]:
    return {f"{section}.{key}" for section, keys in tomllib.loads(text).items() for key in keys}
