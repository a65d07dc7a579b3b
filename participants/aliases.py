"""Aliases: a neutral word and a number, alike for everybody, telling nothing of the person.

Those that are made are a bird and a number. One that somebody types is taken if it is a word of
the list below, or one or two letters, and a number that is no date: whatever else it may be, a
name, initials with a birthday, a number of a person, is refused without a guess at what it is.
"""

import re
import secrets
from collections.abc import Callable

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
    "Junco",
    "Kestrel",
    "Killdeer",
    "Kingfisher",
    "Lark",
    "Longspur",
    "Loon",
    "Nuthatch",
    "Oriole",
    "Osprey",
    "Owl",
    "Partridge",
    "Pelican",
    "Pipit",
    "Plover",
    "Quail",
    "Rail",
    "Redpoll",
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


# Words that people may choose themselves; no names of people among them, as far as may be.
WORDS = frozenset(
    f"""
    {" ".join(BIRDS)}
    acorn almond anchor ant antelope anvil apple apricot aspen avocado badger bagel balloon
    bamboo banana barley bat bear beaver bee beetle bicycle bird bison blanket blossom blue
    boat bobcat boulder bread bridge bronze broom bucket buffalo butterfly button cabbage cactus
    camel candle canoe canyon caribou carrot case cat catfish cedar chair cheetah chestnut
    chipmunk cider cinnamon citrus client coast cobalt coconut comet compass copper cork cougar
    coyote cricket crimson cucumber cup cypress daffodil dandelion deer delta desert dolphin door
    donkey dragonfly drum eagle eel elephant elk elm envelope family feather ferret ferry fig
    firefly fish flute fork fossil fox frog garden garlic gazelle geyser giraffe glacier glove
    goat goldfish goose gopher gorilla granite grape grapefruit grass grasshopper guitar gull
    hamster harbor hare harp hedgehog hemlock hippo home hornet horse house household hummingbird
    ibex iceberg iguana iron island jackal jaguar jelly jigsaw juniper kale kangaroo kayak kelp
    kettle kite kiwi koala ladder ladybug lagoon lake lamp lantern larch lemon lemur lentil
    leopard lettuce lighthouse lilac lime lion lizard llama lobster locust lynx magenta magnet
    mallard mango mantis maple marble marmot maroon marsh meadow melon mesa minnow mint mirror
    mitten mole mongoose monsoon moose mosaic mosquito moth mountain mouse mule mushroom mussel
    narwhal navy nectarine needle newt notebook nutmeg oak oasis oats ocean ocelot octopus onion
    orange orbit orchard orchid otter oxen oyster paddle panda panther papaya paper parsley parrot
    peach peanut pebble pecan pencil penguin peony piano pigeon pillow pine pineapple pink planet
    plaza plum possum potato prairie puffin pumpkin purple puzzle quartz quilt rabbit raccoon
    radish rainbow raspberry red reef reindeer rhubarb ribbon rocket saddle saffron sailboat
    salamander salmon sandal satellite scarf scarlet seal seashell shark sheep shrimp shuttle
    silver skunk sleigh sloth snail snowflake spinach sponge spoon spruce squirrel squash squid
    starfish stork sunflower sycamore table tamarack tangerine tapir teapot thistle thunder ticket
    tiger timber toad tomato topaz tortoise toucan tractor trout trumpet tulip tundra tuna turkey
    turnip turquoise turtle umbrella unit valley volcano walnut walrus waterfall watermelon weasel
    whale wheat wheel whistle wolverine wombat woodpecker yak yarn yellow zebra zeppelin zucchini
    """.lower().split()
)
# Two letters may be a whole name.
SHORT_NAMES = frozenset(
    """
    ab ai al an ao ba be bo by cy de di do du ed el em fu gu gy ha he ho hu hy io ji jo ka ki ko
    ky la le li lo lu ly ma me mi mo na ng ni no oh om pa pi po qi qu ra ro ry si so su sy ta te
    ti to tu ty uy vi vo vu vy wu xi xu ya ye yi yo yu ze zo
    """.upper().split()
)
SHAPE = re.compile(r"([A-Za-z]+)(?:[ -]([A-Za-z]+))?[ -]?([0-9]{1,4})")
NO_ALIAS = (
    "This doesn’t look like an alias. Use a bird or another everyday word and a number of up to "
    "four digits, such as Heron-204, or leave it blank to generate one. Never a name, a date of "
    "birth, or a number of the person."
)


def looks_like_alias(text: str) -> bool:
    """Whether what somebody typed tells of nobody: asked wherever an alias is typed."""
    found = SHAPE.fullmatch(text)
    if not found:
        return False
    first, second, number = found.groups()
    said = [each.lower() for each in (first, second) if each]
    is_code = not second and (
        len(first) == 1 or (len(first) == 2 and first.isupper() and first not in SHORT_NAMES)
    )
    return (is_code or all(word in WORDS for word in said)) and not may_be_a_date(number)


def may_be_a_date(number: str) -> bool:
    """Whether four digits may be a year of birth, or a month and a day in either order."""
    if len(number) < 4:
        return False
    one, two = sorted((int(number[:2]), int(number[2:])))
    return (1 <= one <= 12 and two <= 31) or number[0] == "0" or 1900 <= int(number) < 2050


def new_alias(is_taken: Callable[[str], bool]) -> str:
    """Return an alias for which `is_taken(alias)` is false."""
    for digits in (3, 4):
        for _ in range(100):
            number = 10 ** (digits - 1) + secrets.randbelow(9 * 10 ** (digits - 1))
            alias = f"{secrets.choice(BIRDS)}-{number}"
            if not may_be_a_date(str(number)) and not is_taken(alias):
                return alias
    raise RuntimeError("No free alias was found.")


def gives_away(alias: str, name: str | None) -> bool:
    """Whether an alias tells of the name: holds a word of it, or four letters and more of one."""
    text, of_alias = fold(alias), set(words(alias))
    return any(
        word in of_alias or (len(word) > 3 and word in text)
        for word in words(name or "")
        if len(word) > 1
    )
