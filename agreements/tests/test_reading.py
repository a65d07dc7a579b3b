"""How the plain text of an agreement reads, and how versions are compared."""

from hypothesis import given
from hypothesis import strategies as st

from agreements.reading import Block, blocks, compare


def test_blocks_reads_headings_bullets_and_paragraphs():
    assert blocks("# A\nfirst\nline\n\nsecond\n\n- one\n  goes on\n- two\n\n- three\n#no") == [
        Block("heading", "A"),
        Block("paragraph", "first line"),
        Block("paragraph", "second"),
        Block("bullets", items=["one goes on", "two"]),
        Block("bullets", items=["three #no"]),
    ]


def test_blocks_of_nothing_is_nothing():
    assert blocks("  \n\n ") == []


texts = st.text(alphabet="ab #-\n", max_size=60)


@given(texts)
def test_blocks_loses_no_word(text):
    read = " ".join(
        word
        for block in blocks(text)
        for part in (block.text, *block.items)
        for word in part.split()
    )
    marks = {"#", "-"}
    assert [word for word in read.split() if word not in marks] == [
        word for word in text.split() if word not in marks
    ]


@given(texts, texts)
def test_compare_tells_both_texts_whole(former, text):
    def lines(text):
        return [line.strip() for line in text.splitlines() if line.strip()]

    changes = compare(former, text)
    kept = [change.text for change in changes if change.kind in ("same", "removed")]
    new = [change.text for change in changes if change.kind in ("same", "added")]
    assert [line.strip() for line in kept] == lines(former)
    assert [line.strip() for line in new] == lines(text)


def test_compare_of_the_same_text_changes_nothing():
    assert {change.kind for change in compare("a\n\nb", "a\nb")} == {"same"}


def test_compare_marks_the_words_that_differ():
    before, after = compare("signs for one year", "signs for two years")
    assert before.parts == (("signs for ", False), ("one year", True))
    assert after.parts == (("signs for ", False), ("two years", True))
