"""Whoever types a name reads it back, and never one that somebody else typed: no database."""

import copy
import json
import pickle
from random import Random

import pytest

from participants.own_words import Said
from participants.redaction import Cleaner, MovedError, Names
from participants.typed_words import Typed, is_known, matching, moved
from vault.sealed import Words

MINE = ["Dmitri Volkov", "Ana Ibarra", "Hodan Jaamac", "Marisol Quintanilla"]
THEIRS = ["Xochitl Tlapa", "Bo Moua", "Łukasz Wałęsowicz", "Søren Thorsson"]
ON_FILE = [*MINE[:2], *THEIRS[:2], "Pa Houa Vang"]
PLAIN = ["called back", "has no phone", "at the shelter", "on Monday", "owes rent", "so far"]


class Text:
    """A stored text with who knows what of it, as the table keeps it."""

    def __init__(self):
        self.words, self.known = "", {}
        self.names = Names()
        for number, name in enumerate(ON_FILE):
            self.names.add(str(number), name)

    def cleaner(self, person):
        def own_words(text):
            if isinstance(text, Typed):
                return text.typed, text.saw
            return self.known.get(person) if text == self.words else None

        return Cleaner(self.names, own_words=own_words)

    def shown_to(self, person):
        return self.cleaner(person).clean(self.words)

    def field_of(self, person):
        return self.cleaner(person).to_edit([self.words])[0]

    def save(self, person, typed):
        """What the service does: names put back, then who typed what, carried over."""
        text = self.cleaner(person).put_back(typed, self.words)
        if type(text) is not Typed:
            return
        same = matching(self.words, text)
        self.known = {
            other: (moved(spans[0], same), moved(spans[1], same))
            for other, spans in self.known.items()
        }
        self.known[person] = (text.typed, text.saw)
        self.words = str(text)


def edit(shown, names, random):
    """The text as somebody may leave it: sentences added, taken out, moved."""
    sentences = [each for each in shown.split(". ") if each]
    for _turn in range(random.randint(1, 3)):
        place = random.randint(0, len(sentences))
        act = random.choice(["add", "add", "add name", "add name", "remove", "move"])
        if act == "add":
            sentences.insert(place, random.choice(PLAIN))
        elif act == "add name":
            sentences.insert(place, f"met {random.choice(names)} there")
        elif sentences:
            taken = sentences.pop(random.randrange(len(sentences)))
            if act == "move":
                sentences.insert(min(place, len(sentences)), taken)
    return ". ".join(sentences)


@pytest.mark.parametrize("seed", range(8))
def test_two_writers_each_read_their_own_names_and_never_the_other_s(seed):
    random = Random(seed)  # noqa: S311
    for _round in range(40):
        text = Text()
        for _save in range(8):
            person, names, others = random.choice([("me", MINE, THEIRS), ("they", THEIRS, MINE)])
            typed = edit(text.field_of(person), names, random)
            try:
                text.save(person, typed)
            except MovedError:
                continue
            shown = text.shown_to(person)
            assert shown.count("met") == typed.count("met")
            for name in names:  # on file or not: both read alike
                assert shown.count(name) == typed.count(name), (typed, shown)
            for name in set(others) & set(ON_FILE):
                assert name not in shown
                assert not any(part in shown for part in name.split())


@pytest.mark.parametrize("name", ["Bo Moua", "Søren Thorsson"])
def test_what_is_read_back_says_nothing_of_who_is_on_file(name):
    text = Text()
    text.save("me", f"Met {name} at camp")
    assert text.shown_to("me") == f"Met {name} at camp"
    text.save("they", text.field_of("they") + ". Calls back")
    assert text.shown_to("me") == f"Met {name} at camp. Calls back"


def test_a_guess_beside_a_withheld_name_tells_nothing():
    text = Text()
    text.save("they", "met Bo Moua there")
    for guess in ("Bo Moua", "Ana Ibarra", "Zed Quux"):
        text.save("me", f"{text.field_of('me').split('. ')[0]}. {guess}")
        assert text.shown_to("me") == f"met [name withheld] there. {guess}"
    assert text.words == "met Bo Moua there. Zed Quux"


def test_a_sentence_that_was_moved_does_not_become_its_mover_s():
    text = Text()
    text.save("they", "met Bo Moua there. owes rent")
    text.save("me", f"owes rent. {text.field_of('me').split('. ')[0]}")
    assert text.words == "owes rent. met Bo Moua there"
    assert text.shown_to("me") == "owes rent. met [name withheld] there"
    assert text.shown_to("they") == text.words


def test_a_name_is_known_where_all_was_seen_and_some_was_typed():
    assert is_known(4, 8, [(6, 9)], [(0, 9)])
    assert not is_known(4, 8, [(6, 9)], [(5, 9)])
    assert not is_known(4, 8, [(8, 9)], [(0, 9)])


@pytest.mark.parametrize(
    "text",
    [
        Typed("Met Bo", typed=[(0, 3)], saw=[(0, 6)], former="Met"),
        Words("Met Bo", b"place"),
        Said("Stay: Met Bo", Words("Met Bo", b"place")),
    ],
)
def test_what_a_text_knows_of_itself_is_copied_with_it(text):
    for again in (copy.deepcopy(text), pickle.loads(pickle.dumps(text))):  # noqa: S301
        assert (type(again), again) == (type(text), text)
        for name in type(text).__slots__:
            assert getattr(again, name) == getattr(text, name)
    assert json.loads(json.dumps([text])) == [str(text)]


# How a guess may stand beside what stands for a name: `{}` for the one and the other.
BESIDE = [
    "{mark}, {guess}, the landlord",
    "{mark} {guess} came",
    "{guess} {mark} came",
    "{guess}, {mark}",
    "{mark} aka {guess}",
    "{mark}’s {guess}",
    "{mark}/{guess}",
    "{mark}, called {guess}",
    "{mark} and {guess}",
    "{mark} ({guess}) left",
    "“{guess}” {mark}",
    "{mark} - {guess}",
    "{mark}\n{guess}",
    "{guess}. {mark} left",
    "MET {mark} {guess}",
]


@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize(
    ("stored", "guesses"),
    [
        ("Fears Xochitl", ["Tlapa", "Xochitl Tlapa", "Moua", "Bo Moua", "Quux", "Zed Quux"]),
        ("Fears Xochitl Tlapa", ["Tlapa", "Xochitl", "Xochitl Tlapa", "Bo Moua", "Zed Quux"]),
        ("Fears Bo Moua", ["Moua", "Bo", "Ana Ibarra", "Ibarra", "Quux", "Ed"]),
        ("Fears Łukasz", ["Wałęsowicz", "Walesowicz", "Moua", "Quux"]),
    ],
)
def test_whoever_types_a_guess_beside_a_withheld_name_is_answered_alike(beside, stored, guesses):
    """Right, of somebody else, or of nobody: taken or refused alike, and read back as typed."""
    answers = set()
    for guess in guesses:
        text = Text()
        text.names.add("other", "Łukasz Wałęsowicz")
        text.save("they", stored)
        mark = text.field_of("me").removeprefix("Fears ")
        typed = beside.format(mark=mark, guess=guess)
        try:
            text.save("me", f"Fears {typed}")
        except MovedError:
            answers.add("refused")
            continue
        shown = beside.format(mark="[name withheld]", guess=guess)
        assert text.shown_to("me") == f"Fears {shown}"
        assert text.field_of("me") == f"Fears {typed}"
        answers.add("taken")
    assert answers == {"taken"}


@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize(
    "guesses", [("Young", "Park", "Quux"), ("Hope Young", "Grace Park", "Zed Quux")]
)
def test_names_that_are_ordinary_words_are_answered_alike(beside, guesses):
    """Refused where the name could be read there, whatever was guessed."""
    answers = {}
    for guess in guesses:
        text = Text()
        for key, name in enumerate(["Hope Young", "Grace Park"]):
            text.names.add(f"word {key}", name)
        text.save("they", "Met with Hope about rent")
        mark = text.field_of("me").removeprefix("Met with ").removesuffix(" about rent")
        typed = f"Met with {beside.format(mark=mark, guess=guess)} about rent"
        try:
            text.save("me", typed)
        except MovedError:
            answers[guess] = "refused"
        else:
            answers[guess] = text.shown_to("me").replace(guess, "guess")
            assert text.field_of("me") == typed
    assert len(set(answers.values())) == 1, answers


@pytest.mark.parametrize("guess", ["Quill", "Agnes Quill", "Volkov", "Onfile"])
@pytest.mark.parametrize("typed", ["X-1 called, {} too.", "X-1 {} called.", "X-1, {}, called"])
def test_a_guess_beside_the_household_s_alias_is_answered_alike(typed, guess):
    names = Names()
    for key, name in enumerate(["Agnes Quill", "Dmitri Volkov"]):
        names.add(key, name)
    cleaner = Cleaner(names)
    typed = typed.format(guess)
    put = cleaner.put_back(typed, "Agnes called.", {0: "X-1"})
    assert put == typed.replace("X-1", "Agnes")
    assert cleaner.clean(put, {0: "X-1"}) == typed
