"""Example data: two real continuums by their written procedures, with invented people.

What the procedures fix (regions, counties, the CoC-wide quarter calls, what is reviewed, the
paper required) is taken from them as it stands; where they leave a choice to the CE Specialist
(the weekday and hour of a regional call) one is made up. Agencies, staff and households are
invented by a seeded generator and carry the mark "Example data" on every page.
"""
