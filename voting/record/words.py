"""A root as eight plain words, so that a hall can read it aloud and note it down.

Eight words say the first 64 bits of the root. Somebody who shows other words by a forged box must find
a box whose root begins with the same 64 bits: far beyond a vote's evening, but not beyond all means, so
the log and the record hold the whole root.
"""

_LIST = """
acorn actor amber anchor angle ankle apple apron arrow artist atlas autumn
badge baker bamboo banana banjo barn basket beach beard beaver bench berry
bicycle bishop blanket blossom boat bottle branch bread brick bridge broom bucket
butter button cabin cable cactus camel camera candle canoe canvas carpet carrot
castle cedar cellar cement chair cheese cherry chimney circle circus clock cloud
clover coach coffee comb comet copper coral corner cotton cousin crayon cricket
crown crystal cup curtain cushion daisy dancer desert diamond dinner doctor dolphin
donkey door dragon drawer dress drum eagle earth echo elbow elephant engine
evening falcon family farmer feather fence ferry fiddle field finger fire fish
flag flame flower flute forest fountain fox friend frog fruit garden garlic
gate ginger giraffe glass globe glove goat goose grape grass guitar hammer
harbour harp hat hedge helmet hill honey horse hotel house iceberg island
ivory jacket jaguar jewel judge jungle kettle king kitchen kite ladder lake
lamp lantern laptop leaf lemon letter library lily lion lizard lobster magnet
mango maple marble market meadow medal melon mirror monkey moon morning mountain
museum mushroom napkin needle nephew nest north novel nurse oak ocean office
olive onion opera orange orchard otter oven owl oyster paddle palace panda
paper parrot pencil penguin pepper piano picnic pillow pilot pine planet plum
pocket pony potato puppet puzzle queen rabbit radio raft rain raven ribbon
river robin rocket roof rose saddle sailor salmon sand sister spoon stone
sugar summer sunset table tiger tower tractor train tulip turtle umbrella valley
velvet village violin wagon
"""

WORDS: tuple[str, ...] = tuple(_LIST.split())
"""256 words, one for each value of a byte, in the order of their letters."""

SHOWN = 8
"""How many words stand for a root: 64 of its 256 bits."""


def root_words(root: str) -> tuple[str, ...]:
    """The words for the first 64 bits of a root in hexadecimal digits.

    Raises ValueError when it is shorter or not hexadecimal.
    """
    data = bytes.fromhex(root)
    if len(data) < SHOWN:
        raise ValueError(f"a root has 64 hexadecimal digits, not {len(root)}")
    return tuple(WORDS[byte] for byte in data[:SHOWN])
