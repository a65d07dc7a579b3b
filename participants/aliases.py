"""Aliases: a neutral word and a number, alike for everybody, telling nothing of the person."""

import secrets

from .folding import fold, words

BIRDS = (
    "Avocet",
    "Bittern",
    "Bluebird",
    "Bobolink",
    "Bunting",
    "Chickadee",
    "Crane",
    "Curlew",
    "Dipper",
    "Dove",
    "Dunlin",
    "Egret",
    "Falcon",
    "Finch",
    "Flicker",
    "Goldeneye",
    "Grebe",
    "Grouse",
    "Harrier",
    "Heron",
    "Ibis",
    "Jay",
    "Junco",
    "Kestrel",
    "Killdeer",
    "Kingfisher",
    "Lark",
    "Longspur",
    "Loon",
    "Martin",
    "Merlin",
    "Nuthatch",
    "Oriole",
    "Osprey",
    "Owl",
    "Partridge",
    "Pelican",
    "Phoebe",
    "Pipit",
    "Plover",
    "Quail",
    "Rail",
    "Raven",
    "Redpoll",
    "Robin",
    "Sandpiper",
    "Shrike",
    "Siskin",
    "Snipe",
    "Sparrow",
    "Starling",
    "Swallow",
    "Swan",
    "Tanager",
    "Teal",
    "Tern",
    "Thrush",
    "Towhee",
    "Vireo",
    "Warbler",
    "Waxwing",
    "Willet",
    "Woodcock",
    "Wren",
)


def new_alias(is_taken):
    """Return an alias for which `is_taken(alias)` is false."""
    for digits in (3, 4, 6):
        for _ in range(50):
            number = 10 ** (digits - 1) + secrets.randbelow(9 * 10 ** (digits - 1))
            alias = f"{secrets.choice(BIRDS)}-{number}"
            if not is_taken(alias):
                return alias
    raise RuntimeError("No free alias was found.")


def gives_away(alias, name):
    """Whether an alias tells of the name: holds a word of it, or four letters and more of one."""
    text, of_alias = fold(alias), set(words(alias))
    return any(
        word in of_alias or (len(word) > 3 and word in text)
        for word in words(name or "")
        if len(word) > 1
    )
